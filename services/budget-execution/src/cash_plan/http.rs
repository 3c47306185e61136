//! 用款计划 over HTTP.

use utoipa_actix_web::service_config::ServiceConfig;
use workflow::http::Documents;

use super::CashPlans;

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(Documents::<CashPlans>::routes());
}
