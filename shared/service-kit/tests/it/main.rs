//! The mechanisms on their own: settings, secrets, pages, languages, tokens.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod connections;
mod relay;
mod rows;
mod together;

use common_types::Role;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use service_kit::{
    Database, Page, PageQuery,
    clock::{Clock, china_date},
    config::{self, Secret, Settings},
    context::{self, Language, RequestContext},
    http::RULES,
};
use testkit::Identity;

type Plain = Settings<Option<bool>>;

#[test]
fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "[server]\nlisten = \"127.0.0.1:1\"\nworkers = 7\n").unwrap();
    let settings: Plain = config::load(Some(&file), &["server.listen=127.0.0.1:2".to_owned()]).unwrap();
    assert_eq!((settings.server.listen.as_str(), settings.server.workers), ("127.0.0.1:2", 7));
    assert_eq!(settings.server.drain_seconds, 20);
}

#[test]
fn a_key_that_nothing_reads_is_refused() {
    let refused = config::load::<Plain>(None, &["server.lisen=127.0.0.1:2".to_owned()]).unwrap_err();
    assert!(refused.to_string().contains("lisen"), "{refused}");
    assert!(config::load::<Plain>(None, &["server.listen".to_owned()]).is_err());
}

#[test]
fn a_service_has_one_address_or_several() {
    let of =
        |flag: &str| config::load::<Plain>(None, &[format!("peers.monitoring={flag}")]).map(|it| it.peers.monitoring.0);
    assert_eq!(of("http://a:1").unwrap().len(), 1);
    assert_eq!(of("http://a:1, http://b:2").unwrap()[1].as_str(), "http://b:2/");
    assert!(of("nowhere").is_err());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "[peers]\nmonitoring = [\"http://a:1\", \"http://b:2\"]\n").unwrap();
    assert_eq!(config::load::<Plain>(Some(&file), &[]).unwrap().peers.monitoring.0.len(), 2);
}

#[test]
fn a_secret_is_never_shown() {
    let settings: Plain = config::load(None, &["database.url=postgres://u:hidden@h/d".to_owned()]).unwrap();
    let shown = format!("{settings:?} {}", serde_json::to_string(&settings).unwrap());
    assert!(!shown.contains("hidden"), "{shown}");
    assert_eq!(settings.database.url.reveal(), "postgres://u:hidden@h/d");
    assert!(Secret::default().is_empty());
}

#[test]
fn pages_follow_each_other_without_gap_or_overlap() {
    let all: Vec<u32> = (1..=7).collect();
    let (mut seen, mut token) = (Vec::new(), None);
    loop {
        let paged = PageQuery { page_size: Some(3), page_token: token }.paged().unwrap();
        let after = paged.after_as::<u32>().unwrap().unwrap_or(0);
        let rows =
            all.iter().copied().filter(|row| *row > after).take(usize::try_from(paged.limit()).unwrap()).collect();
        let page = Page::of(rows, &paged, u32::to_string);
        seen.extend(page.items);
        token = page.next_page_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, all);
    for wrong in [0, 1001] {
        assert_eq!(PageQuery { page_size: Some(wrong), page_token: None }.paged().unwrap_err().status().as_u16(), 400);
    }
    assert!(PageQuery { page_size: None, page_token: Some("?".to_owned()) }.paged().is_err());
}

#[tokio::test]
async fn a_refusal_speaks_the_language_of_its_request() {
    let refusal = || RULES.refuse("AUTH-001", "中文说明", "english detail").with("available", "1.00").document();
    let told = |language| context::within(RequestContext::root(language), async move { refusal() });
    let (zh, en) = (told(Language::Chinese).await, told(Language::English).await);
    assert_eq!((zh.detail.as_str(), en.detail.as_str()), ("中文说明", "english detail"));
    assert_eq!((zh.status, zh.code.as_str(), en.title.as_str()), (401, "AUTH-001", "no token"));
    assert_eq!(en.extensions["available"], "1.00");
    assert_eq!(Language::from_header(Some("zh-CN,en")), Language::Chinese);
    assert_eq!(Language::from_header(Some("en-US,zh")), Language::English);
}

#[test]
fn an_unregistered_code_is_a_defect_and_not_a_refusal() {
    assert_eq!(RULES.refuse("NO-SUCH", "", "").status().as_u16(), 500);
}

#[test]
fn a_trace_is_continued_only_when_it_is_well_formed() {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let of = |header: &str| RequestContext::from_traceparent(Some(header), Language::Chinese).trace_id;
    assert_eq!(of(&format!("00-{trace}-00f067aa0ba902b7-01")), trace);
    for malformed in ["", "00-zz-1-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"] {
        assert_ne!(of(malformed), "00000000000000000000000000000000");
    }
}

#[tokio::test]
async fn a_token_is_good_until_it_expires_and_only_with_its_own_key() {
    let identity = Identity::default();
    let token = identity.token("u", &[Role::U1], "360000000", None);
    assert_eq!(identity.verifier().verify(&token).await.unwrap().sub, "u");
    let expired = identity.expired_token("u", &[Role::U1], "360000000");
    assert_eq!(identity.verifier().verify(&expired).await.unwrap_err().code(), "AUTH-002");
    assert_eq!(Identity::default().verifier().verify(&token).await.unwrap_err().code(), "AUTH-003");
    let (head, rest) = token.split_once('.').unwrap();
    assert_eq!(identity.verifier().verify(&format!("{head}.x{rest}")).await.unwrap_err().code(), "AUTH-003");
}

#[tokio::test]
async fn a_session_reads_committed_whatever_the_server_takes_for_granted() {
    let settings = testkit::settings().await;
    if settings.url.is_empty() {
        return;
    }
    let database = Database::open(&settings, "isolation", Clock::System).await.unwrap();
    let change = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation TO serializable', \
                  current_database()); END $$";
    database.read().execute_unprepared(change).await.unwrap();
    let later = Database::open(&settings, "isolation", Clock::System).await.unwrap();
    let tx = later.begin_write().await.unwrap();
    let shown = Statement::from_string(DbBackend::Postgres, "SHOW transaction_isolation");
    let level: String = tx.query_one_raw(shown).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert_eq!(level, "read committed");
}

#[test]
fn business_days_are_chinese_days() {
    let late = "2026-12-31T16:00:00Z".parse().unwrap();
    assert_eq!(china_date(late).to_string(), "2027-01-01");
    let clock = Clock::manual(late);
    assert!(clock.set("2026-12-31T15:59:59Z".parse().unwrap()));
    assert_eq!(clock.today().to_string(), "2026-12-31");
    assert!(!Clock::System.set(late));
}
