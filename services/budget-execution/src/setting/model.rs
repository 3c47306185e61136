//! What can be set, and which value holds: the own division's, else that of the nearest division above, else the one
//! that the platform ships with in `settings.csv`. Pure.

use std::collections::BTreeMap;

use budget_execution_contract::SettingInForce;
use chrono::NaiveDate;
use common_types::{AgencyCode, DepBgtEcoCode, DivisionCode, ExpFuncCode, FiscalYear, Money, ProCode};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};
use service_kit::Problem;

use super::entity::value;
use crate::RULES;

const MAX_PURPOSE_LENGTH: u32 = 50;
const MAX_DAYS: u32 = 366;
const MAX_MONTHS: u32 = 24;
const MAX_PERCENT: u32 = 100;
const MAX_VALUE_LENGTH: usize = 20_000;

/// The settings of a division on a day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// 双控制: payments are also bound by the cash plan of the month (PAY-025).
    pub is_contrlbyplan: bool,
    /// Amounts from which a node reviews, by `<document type>.<node>`; they replace those of `workflow.csv`.
    pub review_thresholds: BTreeMap<String, Money>,
    /// PAY-008
    pub purpose_min_length: u32,
    /// PAY-008
    pub vague_purposes: Vec<String>,
    /// PAY-010
    #[serde(deserialize_with = "ratio")]
    pub prepayment_ratio: Decimal,
    /// PAY-010
    #[serde(deserialize_with = "ratio")]
    pub sme_prepayment_ratio: Decimal,
    /// PAY-011: items and everything below them.
    pub card_mandatory_items: Vec<DepBgtEcoCode>,
    /// PAY-014; 0 switches the reminder off.
    pub unbooked_days: u32,
    /// PAY-015; 0 switches the search off.
    pub duplicate_days: u32,
    /// AD-006: from this change on, in per cent, a project needs a new goal.
    pub goal_change_percent: u32,
    /// AD-007: the last day on which others than the budget division adjust.
    pub adjustment_cut_off_day: MonthDay,
    /// BA-011: days within which direct funds (直达资金) must reach their units.
    pub direct_fund_days: u32,
    /// PAY-016
    pub cut_off_day: MonthDay,
    /// PAY-021
    pub salary_months_back: u32,
    /// PAY-003: which centre (代编, 核算中心) applies for which units.
    pub agent_agencies: BTreeMap<AgencyCode, Vec<AgencyCode>>,
    /// PAY-023: what the money of a bond may be spent on, by bond code.
    pub bond_purposes: BTreeMap<String, BondPurpose>,
}

/// Projects and functional classes that a bond was raised for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BondPurpose {
    pub pro_codes: Vec<ProCode>,
    pub exp_func_codes: Vec<ExpFuncCode>,
}

/// A day of every year, `MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthDay {
    month: u32,
    day: u32,
}

impl MonthDay {
    /// That day of the year.
    pub fn of(self, year: FiscalYear) -> NaiveDate {
        NaiveDate::from_ymd_opt(i32::from(year.get()), self.month, self.day).unwrap_or_else(|| year.last_day())
    }
}

impl<'de> Deserialize<'de> for MonthDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let parts = text.split_once('-').and_then(|(month, day)| Some((month.parse().ok()?, day.parse().ok()?)));
        // 2001 has no 29 February, which not every year has
        match parts.filter(|(month, day)| NaiveDate::from_ymd_opt(2001, *month, *day).is_some()) {
            Some((month, day)) => Ok(Self { month, day }),
            None => Err(D::Error::custom("a day of every year is written MM-DD")),
        }
    }
}

fn ratio<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let text = String::deserialize(deserializer)?;
    let ratio: Decimal = text.parse().map_err(D::Error::custom)?;
    if ratio < Decimal::ZERO || ratio > Decimal::ONE {
        return Err(D::Error::custom("a ratio lies between 0 and 1"));
    }
    Ok(ratio)
}

impl Settings {
    fn of(values: Map<String, Value>) -> Result<Self, String> {
        let settings: Self = serde_json::from_value(Value::Object(values)).map_err(|error| error.to_string())?;
        let is_bounded = (1..=MAX_PURPOSE_LENGTH).contains(&settings.purpose_min_length)
            && settings.unbooked_days <= MAX_DAYS
            && settings.duplicate_days <= MAX_DAYS
            && settings.salary_months_back <= MAX_MONTHS
            && (1..=MAX_PERCENT).contains(&settings.goal_change_percent)
            && (1..=MAX_DAYS).contains(&settings.direct_fund_days);
        let is_filled = settings.vague_purposes.iter().all(|word| !word.trim().is_empty());
        let is_positive = settings.review_thresholds.values().all(|amount| !amount.is_negative());
        if is_bounded && is_filled && is_positive { Ok(settings) } else { Err("the value is out of bounds".to_owned()) }
    }

    /// Whether this centre may apply for that unit.
    pub fn may_apply_for(&self, centre: &AgencyCode, agency: &AgencyCode) -> bool {
        self.agent_agencies.get(centre).is_some_and(|units| units.iter().any(|unit| unit.contains(agency)))
    }

    /// AD-007: whether the adjustments of a year have ended for others than the budget division.
    pub fn is_past_adjustments(&self, year: FiscalYear, today: NaiveDate) -> bool {
        today > self.adjustment_cut_off_day.of(year)
    }

    /// The last day of a year on which new payments and vouchers are made.
    pub fn cut_off(&self, year: FiscalYear) -> NaiveDate {
        self.cut_off_day.of(year)
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Shipped {
    setting_key: String,
    name_zh: String,
    name_en: String,
    setting_value: String,
}

fn shipped() -> Vec<Shipped> {
    csv::Reader::from_reader(include_str!("../../settings.csv").as_bytes())
        .deserialize()
        .map(|line| line.expect("settings.csv is part of the program and well formed"))
        .collect()
}

/// The division and all above it, nearest first.
pub fn lineage(division: &DivisionCode) -> Vec<DivisionCode> {
    std::iter::successors(Some(division.clone()), DivisionCode::parent).collect()
}

/// What holds, key by key, of the rows that had begun by a day.
pub fn in_force(lineage: &[DivisionCode], rows: &[value::Model]) -> Vec<SettingInForce> {
    let rank = |row: &value::Model| lineage.iter().position(|division| *division == row.mof_div_code);
    shipped()
        .into_iter()
        .map(|shipped| {
            let nearest = rows
                .iter()
                .filter(|row| row.setting_key == shipped.setting_key)
                .filter_map(|row| rank(row).map(|rank| (rank, row)))
                .min_by_key(|(rank, row)| (*rank, std::cmp::Reverse(row.start_date)))
                .map(|(_, row)| row);
            let of_platform = || serde_json::from_str(&shipped.setting_value).unwrap_or_default();
            SettingInForce {
                setting_value: nearest.map_or_else(of_platform, |row| row.setting_value.clone()),
                mof_div_code: nearest.map(|row| row.mof_div_code.clone()),
                start_date: nearest.map(|row| row.start_date),
                setting_id: nearest.map(|row| row.setting_id),
                set_by: nearest.map(|row| row.set_by.clone()),
                reason: nearest.map(|row| row.reason.clone()),
                setting_key: shipped.setting_key,
                name_zh: shipped.name_zh,
                name_en: shipped.name_en,
            }
        })
        .collect()
}

/// What holds, in its own types.
pub fn settings(in_force: Vec<SettingInForce>) -> Result<Settings, Problem> {
    let values = in_force.into_iter().map(|one| (one.setting_key, one.setting_value)).collect();
    Settings::of(values).map_err(|error| Problem::internal(&error))
}

/// BE-120: the key is known and the value is one of its kind.
pub fn require_value(key: &str, value: &Value) -> Result<(), Problem> {
    let mut values: Map<String, Value> =
        in_force(&[], &[]).into_iter().map(|one| (one.setting_key, one.setting_value)).collect();
    let Some(present) = values.get_mut(key) else {
        return Err(refused("/setting_key", format!("没有参数 {key}"), format!("there is no setting {key}")));
    };
    *present = value.clone();
    let is_short = value.to_string().len() <= MAX_VALUE_LENGTH;
    match Settings::of(values) {
        Ok(_) if is_short => Ok(()),
        Ok(_) => Err(refused("/setting_value", "取值过长".to_owned(), "the value is too long".to_owned())),
        Err(error) => {
            let error = error.split(" at line ").next().unwrap_or_default().to_owned();
            Err(refused("/setting_value", format!("参数 {key} 的取值不可用：{error}"), format!("{key}: {error}")))
        }
    }
}

fn refused(pointer: &str, zh: String, en: String) -> Problem {
    RULES.refuse("BE-120", zh.clone(), en.clone()).at(pointer, zh, en)
}

/// BE-121: the settings of a day do not change during it, so that every instance sees the same all day.
pub fn require_later(start_date: NaiveDate, today: NaiveDate) -> Result<(), Problem> {
    if start_date > today {
        return Ok(());
    }
    let (zh, en) = (format!("生效日 {start_date} 应晚于今日 {today}"), format!("{start_date} is not after {today}"));
    Err(RULES.refuse("BE-121", zh.clone(), en.clone()).at("/start_date", zh, en))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use serde_json::json;

    use super::*;

    fn row(division: &str, key: &str, start_date: &str, setting_value: Value) -> value::Model {
        value::Model {
            mof_div_code: division.parse().unwrap(),
            setting_key: key.to_owned(),
            start_date: start_date.parse().unwrap(),
            setting_value,
            setting_id: uuid::Uuid::nil(),
            set_by: String::new(),
            reason: String::new(),
            create_time: Default::default(),
        }
    }

    #[test]
    fn the_shipped_values_are_sound() {
        let settings = settings(in_force(&[], &[])).unwrap();
        assert_eq!((settings.is_contrlbyplan, settings.prepayment_ratio), (false, Decimal::new(30, 2)));
        assert_eq!(settings.cut_off(2026_u16.try_into().unwrap()), "2026-12-31".parse().unwrap());
    }

    #[test]
    fn the_nearest_division_decides_and_its_latest_day() {
        let county: DivisionCode = "360121000".parse().unwrap();
        let rows = [
            row("360000000", "duplicate_days", "2026-05-01", json!(30)),
            row("360121000", "duplicate_days", "2026-01-01", json!(3)),
            row("360121000", "duplicate_days", "2026-02-01", json!(5)),
            row("360000000", "purpose_min_length", "2026-01-01", json!(6)),
            row("360700000", "unbooked_days", "2026-01-01", json!(1)),
        ];
        let settings = settings(in_force(&lineage(&county), &rows)).unwrap();
        assert_eq!((settings.duplicate_days, settings.purpose_min_length, settings.unbooked_days), (5, 6, 30));
    }

    #[test]
    fn a_key_takes_values_of_its_kind_only() {
        for (key, value) in [
            ("is_contrlbyplan", json!(true)),
            ("cut_off_day", json!("12-25")),
            ("prepayment_ratio", json!("0.4")),
            ("review_thresholds", json!({"payment.M3": "100.00"})),
        ] {
            assert!(require_value(key, &value).is_ok(), "{key} {value}");
        }
        for (key, value) in [
            ("colour", json!(true)),
            ("is_contrlbyplan", json!("yes")),
            ("cut_off_day", json!("02-29")),
            ("prepayment_ratio", json!(0.4)),
            ("prepayment_ratio", json!("1.01")),
            ("purpose_min_length", json!(0)),
            ("goal_change_percent", json!(0)),
            ("goal_change_percent", json!(101)),
            ("adjustment_cut_off_day", json!("11-31")),
            ("direct_fund_days", json!(0)),
            ("review_thresholds", json!({"payment.M3": "-1"})),
            ("vague_purposes", json!([" "])),
        ] {
            assert_eq!(require_value(key, &value).unwrap_err().code(), "BE-120", "{key} {value}");
        }
    }
}
