//! Corrections over HTTP.

use utoipa_actix_web::service_config::ServiceConfig;
use workflow::http::Documents;

use super::Corrections;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(Documents::<Corrections>::routes());
}
