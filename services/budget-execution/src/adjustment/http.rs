//! 调整与调剂 over HTTP.

use utoipa_actix_web::service_config::ServiceConfig;
use workflow::http::Documents;

use super::Adjustments;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(Documents::<Adjustments>::routes());
}
