//! Refunds over HTTP.

use utoipa_actix_web::service_config::ServiceConfig;
use workflow::http::Documents;

use super::Refunds;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(Documents::<Refunds>::routes());
}
