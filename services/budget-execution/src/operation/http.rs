//! Operations on indicators over HTTP.

use utoipa_actix_web::service_config::ServiceConfig;
use workflow::http::Documents;

use super::{
    Operations, conversion::Conversion, element_change::ElementChange, entry::Entry, recovery::Recovery,
    write_off::WriteOff,
};

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(Documents::<Operations<Entry>>::routes())
        .service(Documents::<Operations<ElementChange>>::routes())
        .service(Documents::<Operations<Conversion>>::routes())
        .service(Documents::<Operations<Recovery>>::routes())
        .service(Documents::<Operations<WriteOff>>::routes());
}
