//! The clearing chain: quota notices, requests for the return of refunds, closed days; the life of a difference.

use sea_orm_migration::prelude::*;

use crate::shape::{create, day, fen, fiscal_year, id, index, instant, mof_div_code, table, text, text_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0008_clearing_chain"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            index("pay_quota", &["mof_div_code", "lqd_cert_no"]),
            index("pay_refund", &["mof_div_code", "ref_date"]),
        ];
        create(manager, vec![notice(), line(), closed_day()], indexes).await?;
        let added = [
            ("pay_lqd_cert", text_null("ref_cert_no", 100)),
            ("pay_sum", text_null("lqd_quota_notice_no", 100)),
            ("pay_voucher_bill", text_null("lqd_quota_notice_no", 100)),
            ("frbs_recon", text_null("agency_code", 21)),
            ("frbs_recon", ColumnDef::new(Alias::new("until")).date().null().to_owned()),
            ("frbs_diff", text("diff_status", 20).default("OPEN").take()),
            ("frbs_diff", text_null("explained_by", 64)),
            ("frbs_diff", text_null("explained_person", 64)),
            ("frbs_diff", text("explanation", 300).default("").take()),
            ("frbs_diff", text_null("settled_by", 64)),
            ("frbs_diff", text("opinion", 300).default("").take()),
            ("frbs_diff", ColumnDef::new(Alias::new("update_time")).timestamp_with_time_zone().null().to_owned()),
        ];
        for (name, mut column) in added {
            let statement = Table::alter().table(Alias::new(name)).add_column(&mut column).to_owned();
            manager.alter_table(statement).await?;
        }
        manager.create_index(index("frbs_diff", &["diff_id"])).await
    }
}

fn notice() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        text("lqd_quota_notice_no", 100),
        text("vt_code", 4),
        fiscal_year(),
        day("day"),
        text("lqd_cert_no", 100),
        text("pay_cert_sum_no", 100),
        text("fund_type_code", 10),
        fen("notice_amt").check(Expr::col("notice_amt").gt(0)).take(),
        instant("create_time"),
    ];
    table("pay_quota", columns, &["mof_div_code", "lqd_quota_notice_no"])
}

fn line() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        text("lqd_quota_notice_no", 100),
        text("agency_code", 21),
        text("exp_func_code", 13),
        fen("notice_amt").check(Expr::col("notice_amt").gt(0)).take(),
    ];
    table("pay_quota_line", columns, &["mof_div_code", "lqd_quota_notice_no", "agency_code", "exp_func_code"])
}

fn closed_day() -> TableCreateStatement {
    let columns =
        vec![mof_div_code(), fiscal_year(), day("day"), text("closed_by", 64), id("close_id"), instant("close_time")];
    table("pay_clearing_day", columns, &["mof_div_code", "fiscal_year", "day"])
}
