//! Lists in pages with opaque tokens and a stable order.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Problem;

const DEFAULT_PAGE_SIZE: u64 = 50;
const MAX_PAGE_SIZE: u64 = 1000;

/// `page_size` and `page_token` of a list request.
#[derive(Debug, Clone, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}

/// A checked page request: rows whose id is greater than `after`, at most `size`.
#[derive(Debug, Clone)]
pub struct Paged {
    pub size: u64,
    pub after: Option<String>,
}

impl PageQuery {
    /// Checks size and token.
    pub fn paged(&self) -> Result<Paged, Problem> {
        let size = self.page_size.unwrap_or(DEFAULT_PAGE_SIZE);
        if !(1..=MAX_PAGE_SIZE).contains(&size) {
            return Err(Problem::malformed(format!("page_size must lie between 1 and {MAX_PAGE_SIZE}")));
        }
        let after = self.page_token.as_deref().map(decode).transpose()?;
        Ok(Paged { size, after })
    }
}

fn decode(token: &str) -> Result<String, Problem> {
    let unreadable = || Problem::malformed("page_token is not one that this service gave");
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| unreadable())?;
    String::from_utf8(bytes).map_err(|_| unreadable())
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

impl<T> Page<T> {
    /// Builds a page from up to `size + 1` rows in ascending order of `id`; the extra row only tells that there is more.
    pub fn of(mut rows: Vec<T>, paged: &Paged, id: impl Fn(&T) -> String) -> Self {
        let size = usize::try_from(paged.size).unwrap_or(usize::MAX);
        let has_more = rows.len() > size;
        rows.truncate(size);
        let next_page_token = if has_more { rows.last().map(|last| URL_SAFE_NO_PAD.encode(id(last))) } else { None };
        Self { items: rows, next_page_token }
    }

    /// The same page with each row translated.
    pub fn map<U>(self, translate: impl Fn(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(translate).collect(), next_page_token: self.next_page_token }
    }
}

impl Paged {
    /// How many rows to ask the database for: one more than is shown.
    pub fn limit(&self) -> u64 {
        self.size.saturating_add(1)
    }

    /// The id after which the page starts, in its own type.
    pub fn after_as<T: std::str::FromStr>(&self) -> Result<Option<T>, Problem> {
        let unreadable = |_| Problem::malformed("page_token is not one that this service gave");
        self.after.as_deref().map(|text| text.parse().map_err(unreadable)).transpose()
    }
}
