//! What is told and does not block: provisional standards (PM-005), similar projects (PM-007). Pure.

use common_types::ExpCriClass;
use project_library_contract::{Detail, ProjectHead, ProjectWarning};

use super::{content::exceeded_standard, entity::Model, model::Kind};

const SIMILAR_PERCENT: usize = 90;
const SAME_FUNCTION_YEARS: u16 = 3;

/// The warnings of a project beside the other projects of its unit.
pub(super) fn warnings(head: &ProjectHead, details: &[Detail], others: &[Model]) -> Vec<ProjectWarning> {
    let provisional = details.iter().filter_map(over_provisional_standard);
    let similar = others.iter().filter(|other| declared_by_hand(head) && resembles(head, other)).map(duplicate);
    provisional.chain(similar).collect()
}

fn over_provisional_standard(detail: &Detail) -> Option<ProjectWarning> {
    let standard = exceeded_standard(detail)?;
    let binds = matches!(detail.exp_cri_class, Some(ExpCriClass::Statutory | ExpCriClass::Fixed));
    (!binds).then(|| ProjectWarning {
        code: "PM-005".to_owned(),
        message_zh: format!("“{}”单价 {} 超过暂定标准 {standard}", detail.task_name, detail.price),
        message_en: format!(
            "price {} of {} exceeds the provisional standard {standard}",
            detail.price, detail.task_name
        ),
    })
}

fn declared_by_hand(head: &ProjectHead) -> bool {
    Kind::of(head.pro_cat_code) != Some(Kind::Generated)
}

/// PM-007: names alike by nine tenths, or the same total for the same function within three years.
fn resembles(head: &ProjectHead, other: &Model) -> bool {
    let apart = head.fiscal_year.get().abs_diff(other.fiscal_year.get());
    let same_money = head.pro_total_amt == other.pro_total_amt && head.exp_func_code == other.exp_func_code;
    similar_names(&head.pro_name, &other.pro_name) || (same_money && apart <= SAME_FUNCTION_YEARS)
}

fn similar_names(left: &str, right: &str) -> bool {
    let longest = left.chars().count().max(right.chars().count());
    let alike = longest.saturating_sub(strsim::levenshtein(left, right));
    longest > 0 && alike.saturating_mul(100) >= longest.saturating_mul(SIMILAR_PERCENT)
}

fn duplicate(other: &Model) -> ProjectWarning {
    ProjectWarning {
        code: "PM-007".to_owned(),
        message_zh: format!("与本单位项目 {}“{}”相似，请核对是否重复申报", other.pro_code, other.pro_name),
        message_en: format!("resembles project {} {}, check for duplicate declaration", other.pro_code, other.pro_name),
    }
}

#[cfg(test)]
mod tests {
    use super::similar_names;

    #[test]
    fn names_alike_by_nine_tenths_are_similar() {
        assert!(similar_names("某县第一中学教学楼维修改造项目一期", "某县第一中学教学楼维修改造项目二期"));
        assert!(similar_names("校园网络运行维护", "校园网络运行维护"));
        assert!(!similar_names("校园网络运行维护", "校园绿化运行维护"));
        assert!(!similar_names("", ""));
    }
}
