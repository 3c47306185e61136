//! 指标下达 over HTTP.

use utoipa_actix_web::service_config::ServiceConfig;
use workflow::http::Documents;

use super::Issues;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(Documents::<Issues>::routes());
}
