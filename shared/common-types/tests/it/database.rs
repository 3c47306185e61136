use common_types::{Amount, BgtTypeCode, DivisionCode, DocNo, FiscalYear, Money};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, Database, DatabaseConnection, ExprTrait, Schema};

mod line {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "line")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub fiscal_year: FiscalYear,
        pub bgt_type_code: BgtTypeCode,
        pub cor_bgt_doc_no: Option<DocNo>,
        pub balance: Money,
        pub limit: Option<Money>,
        pub requested: Amount,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod division {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "division")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        pub opened: Option<FiscalYear>,
        pub bgt_type_code: Option<BgtTypeCode>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn database() -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let db = Database::connect(options).await.unwrap();
    let schema = Schema::new(db.get_database_backend());
    db.execute(&schema.create_table_from_entity(line::Entity)).await.unwrap();
    db.execute(&schema.create_table_from_entity(division::Entity)).await.unwrap();
    db
}

fn row() -> line::Model {
    line::Model {
        mof_div_code: "360000000".parse().unwrap(),
        fiscal_year: FiscalYear::try_from(2026_u16).unwrap(),
        bgt_type_code: BgtTypeCode::CurrentYear,
        cor_bgt_doc_no: Some("赣财预〔2026〕1号".parse().unwrap()),
        balance: Money::from_fen(-5),
        limit: None,
        requested: "12.50".parse().unwrap(),
    }
}

fn active(row: line::Model) -> line::ActiveModel {
    line::ActiveModel {
        mof_div_code: Set(row.mof_div_code),
        fiscal_year: Set(row.fiscal_year),
        bgt_type_code: Set(row.bgt_type_code),
        cor_bgt_doc_no: Set(row.cor_bgt_doc_no),
        balance: Set(row.balance),
        limit: Set(row.limit),
        requested: Set(row.requested),
    }
}

#[tokio::test]
async fn what_is_stored_reads_back() {
    let db = database().await;
    line::Entity::insert(active(row())).exec(&db).await.unwrap();
    let key = (row().mof_div_code, row().fiscal_year);
    assert_eq!(line::Entity::find_by_id(key).one(&db).await.unwrap(), Some(row()));

    let single =
        division::ActiveModel { mof_div_code: Set(row().mof_div_code), opened: Set(None), bgt_type_code: Set(None) };
    division::Entity::insert(single).exec(&db).await.unwrap();
    let found = division::Entity::find_by_id(row().mof_div_code).one(&db).await.unwrap().unwrap();
    assert_eq!((found.opened, found.bgt_type_code), (None, None));
}

#[tokio::test]
async fn money_takes_part_in_a_guarded_statement() {
    let db = database().await;
    line::Entity::insert(active(row())).exec(&db).await.unwrap();
    let amount = Money::from_fen(105);
    let result = line::Entity::update_many()
        .col_expr(line::Column::Balance, Expr::col(line::Column::Balance).add(amount))
        .filter(line::Column::Balance.lt(amount))
        .filter(line::Column::FiscalYear.eq(row().fiscal_year))
        .exec(&db)
        .await
        .unwrap();
    assert_eq!(result.rows_affected, 1);
    assert_eq!(line::Entity::find().one(&db).await.unwrap().unwrap().balance, Money::from_fen(100));
}

#[tokio::test]
async fn a_stored_value_that_no_longer_passes_its_check_is_an_error() {
    let spoilt = [
        "update line set mof_div_code = '36'",
        "update line set fiscal_year = 1999",
        "update line set bgt_type_code = '99'",
        "update line set cor_bgt_doc_no = ' '",
        "update line set requested = 0",
    ];
    for statement in spoilt {
        let db = database().await;
        line::Entity::insert(active(row())).exec(&db).await.unwrap();
        db.execute_unprepared(statement).await.unwrap();
        assert!(line::Entity::find().one(&db).await.is_err(), "{statement}");
    }
}
