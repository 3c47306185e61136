//! Certificates, the two stamps of a voucher, results of single details, and when an unanswered voucher is asked about
//! next. Stamps are append-only.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::shape::{
    create, day, day_null, id, index, instant, instant_null, mof_div_code, number, table, text, text_null, unique,
};

const STAMPS: &str = "pay_voucher_stamp";

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0006_signature"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            index("pay_certificate", &["cert_id"]),
            unique("pay_certificate", &["mof_div_code", "holder", "public_key"]),
            index(STAMPS, &["pay_cert_id"]),
        ];
        create(manager, vec![certificate(), stamp()], indexes).await?;
        let added = [
            ("pay_voucher_bill", text_null("sealed_by", 64)),
            ("pay_voucher_bill", number("inquiry_count").default(0).take()),
            ("pay_voucher_bill", instant_null("next_inquiry_time")),
            ("pay_detail", xpay_amt()),
            ("pay_detail", text("receipt_add_word", 300).default("").take()),
        ];
        for (name, mut column) in added {
            let statement = Table::alter().table(Alias::new(name)).add_column(&mut column).to_owned();
            manager.alter_table(statement).await?;
        }
        manager.create_index(index("pay_voucher_bill", &["next_inquiry_time"])).await?;
        returns_by_number(manager).await?;
        append_only(manager).await
    }
}

fn xpay_amt() -> ColumnDef {
    ColumnDef::new(Alias::new("xpay_amt")).big_integer().null().to_owned()
}

fn certificate() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("cert_id"),
        text("holder", 64),
        text("holder_name", 300),
        text("usage", 20),
        text("sign_algorithm", 20),
        text("public_key", 200),
        text_null("sealed_key", 200),
        day("valid_from"),
        day("valid_to"),
        day_null("revoke_date"),
        instant("create_time"),
    ];
    let mut statement = table("pay_certificate", columns, &["mof_div_code", "cert_id"]);
    statement.check(Expr::col("valid_from").lte(Expr::col("valid_to")));
    statement
}

fn stamp() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("pay_cert_id"),
        text("stamp_kind", 20),
        text("signer", 64),
        text("signer_person", 64),
        id("cert_id"),
        text("sign_algorithm", 20),
        text("signature", 200),
        instant("sign_time"),
    ];
    table(STAMPS, columns, &["mof_div_code", "pay_cert_id", "stamp_kind"])
}

/// A batch may come back in parts: each return has its own number at the bank.
async fn returns_by_number(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let old = "pay_bank_receipt__mof_div_code_pay_cert_no_result";
    manager.drop_index(Index::drop().name(old).table(Alias::new("pay_bank_receipt")).to_owned()).await?;
    let columns = ["mof_div_code", "pay_cert_no", "result", "agent_business_no"];
    manager.create_index(unique("pay_bank_receipt", &columns)).await
}

async fn append_only(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Postgres {
        let trigger = format!(
            "CREATE TRIGGER {STAMPS}_append_only BEFORE UPDATE OR DELETE ON {STAMPS} \
             FOR EACH ROW EXECUTE FUNCTION glb_append_only()"
        );
        connection.execute_unprepared(&trigger).await?;
        return Ok(());
    }
    for change in ["UPDATE", "DELETE"] {
        let trigger = format!(
            "CREATE TRIGGER {STAMPS}_no_{} BEFORE {change} ON {STAMPS} \
             BEGIN SELECT RAISE(ABORT, 'stamps are never changed or deleted'); END",
            change.to_lowercase()
        );
        connection.execute_unprepared(&trigger).await?;
    }
    Ok(())
}
