//! 待分指标分解 over HTTP.

use utoipa_actix_web::service_config::ServiceConfig;
use workflow::http::Documents;

use super::Distributions;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(Documents::<Distributions>::routes());
}
