//! Who plays: invented agencies and persons of one province, two cities and three counties.

use serde::Deserialize;

/// The password of every invented user. A demonstration's, and of nothing else.
pub const PASSWORD: &str = "Rehearsal-2026!";
/// The fiscal year that the story plays.
pub(crate) const YEAR: u16 = 2026;
pub(crate) const PROVINCE: &str = "360000000";
pub(crate) const COUNTY: &str = "360121000";
pub(crate) const DIVISIONS: &str = include_str!("../../shared/common-types/standard/jiangxi_fiscal_divisions.csv");

/// An invented department or unit.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct CastAgency {
    pub mof_div_code: String,
    pub agency_code: String,
    pub agency_name: String,
    pub agency_type_code: String,
    pub exp_func_code: String,
    pub manage_mof_dep_code: String,
    pub unifsoc_cred_code: String,
}

impl CastAgency {
    pub(crate) fn is_unit(&self) -> bool {
        self.agency_code.len() > 3
    }

    /// Number of its zero-balance account.
    pub(crate) fn account_no(&self) -> String {
        format!("21{}{}", six(&self.mof_div_code), self.agency_code)
    }
}

/// An invented user.
#[derive(Debug, Clone)]
pub struct CastUser {
    pub username: String,
    pub name: String,
    pub role: &'static str,
    pub mof_div_code: String,
    pub agency_code: Option<String>,
}

const FINANCE: [(&str, &str, &str); 12] = [
    ("M1", "m1a", "业务处室甲"),
    ("M1", "m1b", "业务处室乙"),
    ("M2", "m2a", "预算处甲"),
    ("M2", "m2b", "预算处乙"),
    ("M3", "m3a", "国库处甲"),
    ("M3", "m3b", "国库处乙"),
    ("M4", "m4", "绩效处"),
    ("M5", "m5a", "监督处甲"),
    ("M5", "m5b", "监督处乙"),
    ("M6", "m6", "评审中心"),
    ("X2", "x2", "审计"),
    ("X1", "x1", "上级财政"),
];
const UNIT: [(&str, &str, &str); 3] = [("U1", "u1", "经办"), ("U2", "u2", "审核"), ("U3", "u3", "会计")];

pub(crate) fn agencies() -> Vec<CastAgency> {
    csv::Reader::from_reader(include_str!("../data/agencies.csv").as_bytes())
        .deserialize()
        .map(|row| row.expect("agencies.csv is part of the program and well formed"))
        .collect()
}

/// The divisions that have agencies in the story, in their order.
pub(crate) fn divisions() -> Vec<String> {
    let mut codes: Vec<String> = agencies().into_iter().map(|agency| agency.mof_div_code).collect();
    codes.dedup();
    codes
}

/// All invented users.
pub fn demo_users() -> Vec<CastUser> {
    let mut users = Vec::new();
    for mof_div_code in divisions() {
        users.extend(FINANCE.iter().map(|&(role, short, title)| CastUser {
            username: finance(&mof_div_code, short),
            name: format!("{title}（{}）", six(&mof_div_code)),
            role,
            mof_div_code: mof_div_code.clone(),
            agency_code: None,
        }));
    }
    for agency in agencies() {
        let scope = Some(agency.agency_code.clone());
        let staff: &[(&'static str, &str, &str)] =
            if agency.is_unit() { &UNIT } else { &[("D1", "d1", "主管部门")] };
        users.extend(staff.iter().map(|&(role, short, title)| CastUser {
            username: unit(&agency.mof_div_code, &agency.agency_code, short),
            name: format!("{}{title}", agency.agency_name),
            role,
            mof_div_code: agency.mof_div_code.clone(),
            agency_code: scope.clone(),
        }));
    }
    users
}

/// User name of a member of a finance bureau, for example `360121.m2a`.
pub(crate) fn finance(mof_div_code: &str, short: &str) -> String {
    format!("{}.{short}", six(mof_div_code))
}

/// User name of a member of a unit or department, for example `360121.205007.u1`.
pub(crate) fn unit(mof_div_code: &str, agency_code: &str, short: &str) -> String {
    format!("{}.{agency_code}.{short}", six(mof_div_code))
}

fn six(mof_div_code: &str) -> &str {
    &mof_div_code[..6]
}
