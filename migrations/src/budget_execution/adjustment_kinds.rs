//! Adjustments of every kind: their approval, their round, the pairs of the standard (BA_BGT_ADJSUB), library money on
//! the way.

use sea_orm_migration::prelude::*;

use crate::shape::{create, day_null, fen, flag, id, id_null, index, json_null, mof_div_code, table, text, text_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m_adjustment_kinds"
    }
}

const TEMPORARY: &str = "ba_bgt_adjsub_before";
const PAIRS: &str = "ba_bgt_adjsub";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut column in [
            text_null("adj_batch_no", 6),
            text_null("approval_doc_no", 100),
            day_null("approval_doc_date"),
            json_null("perf_goals"),
        ] {
            let alter = Table::alter().table(Alias::new("ba_adjustment")).add_column(&mut column).to_owned();
            manager.alter_table(alter).await?;
        }
        create(manager, vec![ba_adj_reservation()], vec![index("ba_adj_reservation", &["adj_id"])]).await?;
        // a pair may be without the one that gives, which no database can say of a column that stands
        let away = Table::rename().table(Alias::new(PAIRS), Alias::new(TEMPORARY)).to_owned();
        manager.rename_table(away).await?;
        create(manager, vec![ba_bgt_adjsub()], Vec::new()).await?;
        let copy = format!(
            "INSERT INTO {PAIRS} (mof_div_code, adj_sub_id, adj_id, ori_bgt_id, bgt_id, target, add_amount, is_all) \
             SELECT mof_div_code, adj_sub_id, adj_id, ori_bgt_id, bgt_id, target, add_amount, FALSE FROM {TEMPORARY}"
        );
        manager.get_connection().execute_unprepared(&copy).await?;
        manager.drop_table(Table::drop().table(Alias::new(TEMPORARY)).to_owned()).await?;
        create(manager, Vec::new(), vec![index(PAIRS, &["adj_id"])]).await
    }
}

fn ba_bgt_adjsub() -> TableCreateStatement {
    let mut add_amount = fen("add_amount");
    add_amount.check(Expr::col(Alias::new("add_amount")).gt(0));
    let columns = vec![
        mof_div_code(),
        id("adj_sub_id"),
        id("adj_id"),
        id_null("ori_bgt_id"),
        id_null("bgt_id"),
        json_null("target"),
        add_amount,
        flag("is_all"),
        text_null("cor_bgt_doc_no", 100),
        text_null("bat_num", 6),
        day_null("adj_date"),
        text_null("source_type_code", 1),
        text_null("rec_div_code", 9),
    ];
    table(PAIRS, columns, &["mof_div_code", "adj_sub_id"])
}

fn ba_adj_reservation() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("adj_sub_id"),
        id("adj_id"),
        id("reservation_id"),
        text("pro_code", 21),
        fen("amt"),
        text("stage", 12),
    ];
    table("ba_adj_reservation", columns, &["mof_div_code", "adj_sub_id"])
}
