//! Many rows in one statement: what goes in comes out, on both databases.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ConnectionTrait as _, DbBackend, IntoActiveModel as _, QueryOrder as _, Schema,
    entity::prelude::*,
};
use service_kit::{
    Clock, Database, Problem,
    store::{Unwritten, Writes, rows},
};

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

fn renamed(rows: &[ActiveModel], writes: &mut Writes, otherwise: Option<Problem>) {
    let sql = |r: &str| format!("UPDATE sample b SET name = r.name FROM {r} WHERE b.sample_id = r.sample_id");
    let one_by_one = rows.iter().map(|row| {
        Entity::update_many()
            .col_expr(Column::Name, Expr::value(row.name.clone().unwrap()))
            .filter(Column::SampleId.eq(row.sample_id.clone().unwrap()))
    });
    writes.update(rows, sql, one_by_one, otherwise).unwrap();
}

fn named(model: &Model, name: &str) -> ActiveModel {
    ActiveModel { sample_id: Set(model.sample_id), name: Set(name.to_owned()), ..Default::default() }
}

fn refusal() -> Problem {
    Problem::conflict("有冲突", "in the way")
}

#[tokio::test]
async fn writes_that_are_sent_together_are_all_there() {
    let database = database().await;
    let (samples, more) = ([sample(1), sample(2)], [sample(3), sample(4), sample(5)]);
    let tx = database.begin_write().await.unwrap();
    rows::insert(&tx, active(&samples)).await.unwrap();
    let mut writes = Writes::of(&tx);
    renamed(&[named(&samples[0], "one"), named(&samples[1], "two")], &mut writes, None);
    writes.insert::<ActiveModel>(&[]).unwrap();
    writes.insert(&active(&more[..2])).unwrap();
    writes.insert_free(&active(&more[2..]), refusal()).unwrap();
    writes.send(&tx).await.unwrap();
    Writes::of(&tx).send(&tx).await.unwrap();
    tx.commit().await.unwrap();
    let found = Entity::find().order_by_asc(Column::Number).all(database.read()).await.unwrap();
    assert_eq!(found.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!((found[0].name.as_str(), found[1].name.as_str()), ("one", "two"));
    assert_eq!(found[4].content, more[2].content);
}

#[tokio::test]
async fn a_write_that_misses_its_rows_is_told_by_what_it_means() {
    let database = database().await;
    let sample = sample(1);
    let tx = database.begin_write().await.unwrap();
    rows::insert(&tx, active(std::slice::from_ref(&sample))).await.unwrap();
    tx.commit().await.unwrap();
    let attempts: [fn(&mut Writes, &Model); 3] = [
        |writes, there| writes.insert_free(&active(std::slice::from_ref(there)), refusal()).unwrap(),
        |writes, _| renamed(&[named(&self::sample(2), "nobody")], writes, Some(refusal())),
        |writes, there| writes.insert(&active(std::slice::from_ref(there))).unwrap(),
    ];
    for (place, attempt) in attempts.iter().enumerate() {
        let tx = database.begin_write().await.unwrap();
        let mut writes = Writes::of(&tx);
        writes.insert(&active(&[self::sample(9)])).unwrap();
        attempt(&mut writes, &sample);
        let is_missed = matches!(writes.send(&tx).await.unwrap_err(), Unwritten::Missed(_));
        // a row that stands in the way of an insertion that expects none is the database's error
        assert_eq!(is_missed, place < 2, "attempt {place}");
        tx.rollback().await.unwrap();
    }
    assert_eq!(Entity::find().count(database.read()).await.unwrap(), 1);
}

#[tokio::test]
async fn values_of_a_column_find_their_rows() {
    let database = database().await;
    let samples: Vec<Model> = (0..5).map(sample).collect();
    let tx = database.begin_write().await.unwrap();
    rows::insert(&tx, active(&samples)).await.unwrap();
    for wanted in [Vec::new(), vec![3], vec![1, 4, 77]] {
        let expected: Vec<i64> = wanted.iter().copied().filter(|number| *number < 5).collect();
        let of_numbers = rows::one_of(&tx, Column::Number, wanted);
        let found = Entity::find().filter(of_numbers).order_by_asc(Column::Number).all(&tx).await.unwrap();
        assert_eq!(found.into_iter().map(|row| row.number).collect::<Vec<_>>(), expected);
    }
}

#[tokio::test]
async fn rows_are_inserted_behind_a_query() {
    let database = database().await;
    if database.backend() != DbBackend::Postgres {
        return;
    }
    let there = sample(1);
    let absent = Model { name: there.name.clone(), ..sample(2) };
    let tx = database.begin_write().await.unwrap();
    rows::insert(&tx, active(std::slice::from_ref(&there))).await.unwrap();
    let sql = |r: &str| format!("SELECT b.* FROM sample b JOIN {r} ON b.name = r.name");
    let names = [ActiveModel { name: Set(there.name.clone()), ..Default::default() }];
    for expected in [1, 2] {
        let found: Vec<Model> =
            rows::select_then_insert_absent(&tx, (&names, sql), &active(&[there.clone(), absent.clone()]))
                .await
                .unwrap();
        assert_eq!(found.len(), expected, "the query does not see what is inserted behind it");
    }
}
