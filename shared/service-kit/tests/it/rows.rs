//! Many rows in one statement: what goes in comes out, on both databases.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ActiveValue::NotSet, ConnectionTrait as _, DbBackend, IntoActiveModel as _, Schema, entity::prelude::*};
use service_kit::{Clock, Database, store::rows};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sample")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub sample_id: Uuid,
    pub number: i64,
    pub side: i32,
    pub is_good: bool,
    pub name: String,
    pub content: Json,
    pub day: NaiveDate,
    pub time: DateTime<Utc>,
    pub remark: Option<String>,
    pub other_id: Option<Uuid>,
    pub more: Option<Json>,
    pub end_day: Option<NaiveDate>,
}

impl ActiveModelBehavior for ActiveModel {}

fn sample(number: i64) -> Model {
    let is_odd = number % 2 == 1;
    Model {
        sample_id: Uuid::now_v7(),
        number,
        side: -1,
        is_good: is_odd,
        name: format!("“名” '{number}' \\ \" \n"),
        content: serde_json::json!({"b": [1, null], "a": "文"}),
        day: NaiveDate::from_ymd_opt(2026, 2, 28).unwrap(),
        time: DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap(),
        remark: is_odd.then(String::new),
        other_id: (!is_odd).then(Uuid::now_v7),
        more: is_odd.then_some(Json::Null),
        end_day: (!is_odd).then(|| NaiveDate::from_ymd_opt(9999, 12, 31).unwrap()),
    }
}

fn active(models: &[Model]) -> Vec<ActiveModel> {
    models.iter().map(|model| model.clone().into_active_model().reset_all()).collect()
}

async fn database() -> Database {
    let database = Database::open(&testkit::settings().await, "rows", Clock::System).await.unwrap();
    let backend = database.backend();
    let table = Schema::new(backend).create_table_from_entity(Entity);
    let tx = database.begin_write().await.unwrap();
    tx.execute_raw(backend.build(&table)).await.unwrap();
    tx.commit().await.unwrap();
    database
}

#[tokio::test]
async fn rows_arrive_as_they_were_sent_and_stay_when_they_are_sent_again() {
    let database = database().await;
    let mut samples: Vec<Model> = (i64::MAX - 4..i64::MAX).map(sample).collect();
    let tx = database.begin_write().await.unwrap();
    assert_eq!(rows::insert(&tx, active(&samples)).await.unwrap(), 4);
    samples.push(sample(0));
    let mut again = samples.clone();
    again[1].name = "other".to_owned();
    assert_eq!(rows::insert_absent(&tx, active(&again)).await.unwrap(), 1);
    assert_eq!(rows::insert::<ActiveModel>(&tx, Vec::new()).await.unwrap(), 0);
    tx.commit().await.unwrap();
    let mut found = Entity::find().all(database.read()).await.unwrap();
    found.sort_unstable_by_key(|model| model.sample_id);
    assert_eq!(found.len(), samples.len());
    for (found, sent) in found.iter().zip(&samples) {
        // null of JSON and null of the column read alike
        assert_eq!(Model { more: None, ..found.clone() }, Model { more: None, ..sent.clone() });
    }
}

#[tokio::test]
async fn a_row_that_leaves_out_a_column_of_the_first_is_an_error() {
    let database = database().await;
    if database.backend() != DbBackend::Postgres {
        return;
    }
    let mut rows = active(&[sample(1), sample(2)]);
    rows[1].number = NotSet;
    let tx = database.begin_write().await.unwrap();
    assert!(rows::insert(&tx, rows).await.unwrap_err().to_string().contains("number"));
}
