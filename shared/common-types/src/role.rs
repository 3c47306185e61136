//! Who acts (§1.0.3). Names the actors; says nothing about what they may do.

use crate::value_sets::closed_set;

closed_set! {
    /// An actor (角色), as in `standard/roles.csv`.
    Role: "角色", name_zh;
    U1 = "U1" "单位经办",
    U2 = "U2" "单位审核",
    U3 = "U3" "单位会计",
    D1 = "D1" "主管部门经办/审核",
    M1 = "M1" "业务处室经办/审核",
    M2 = "M2" "预算处(科)",
    M3 = "M3" "国库处(科)/支付中心",
    M4 = "M4" "绩效处",
    M5 = "M5" "监督/监控处",
    M6 = "M6" "采购处, 资产处, 债务处, 评审中心",
    M7 = "M7" "信息中心/系统管理员",
    B1 = "B1" "代理银行",
    B2 = "B2" "人民银行国库",
    B3 = "B3" "代理支库/财政专户银行",
    X1 = "X1" "上级/下级财政",
    X2 = "X2" "审计/人大",
    S1 = "S1" "系统服务",
}

impl Role {
    /// The English name.
    pub const fn name_en(self) -> &'static str {
        match self {
            Self::U1 => "unit clerk",
            Self::U2 => "unit reviewer",
            Self::U3 => "unit accountant",
            Self::D1 => "department",
            Self::M1 => "finance-side sector division",
            Self::M2 => "budget division",
            Self::M3 => "treasury division",
            Self::M4 => "performance division",
            Self::M5 => "supervision",
            Self::M6 => "procurement, assets, debt, review centre",
            Self::M7 => "system administrator",
            Self::B1 => "agent bank",
            Self::B2 => "treasury of the central bank",
            Self::B3 => "special account bank",
            Self::X1 => "higher or lower finance",
            Self::X2 => "audit office or people's congress",
            Self::S1 => "platform service",
        }
    }
}
