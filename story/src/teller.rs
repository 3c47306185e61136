//! How the story is told: chapters, lines, tables and refusals, Chinese first.

use std::io::Write;

use comfy_table::{CellAlignment, Table, presets};
use serde_json::Value;
use service_kit::{context::Language, http::ProblemDocument};

/// Writes the story.
pub(crate) struct Teller {
    out: Box<dyn Write + Send>,
    language: Language,
    progress: bool,
    chapter: usize,
}

impl Teller {
    pub(crate) fn new(out: Box<dyn Write + Send>, language: Language, progress: bool) -> Self {
        Self { out, language, progress, chapter: 0 }
    }

    pub(crate) fn choose<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.language {
            Language::Chinese => zh,
            Language::English => en,
        }
    }

    pub(crate) fn chapter(&mut self, zh: &str, en: &str) {
        self.chapter = self.chapter.saturating_add(1);
        let title = format!("{}. {}", self.chapter, self.choose(zh, en));
        self.line(&format!("\n━━ {title} ━━"));
    }

    pub(crate) fn say(&mut self, zh: &str, en: &str) {
        let text = format!("  {}", self.choose(zh, en));
        self.line(&text);
    }

    pub(crate) fn expectation(&mut self, holds: bool, zh: &str, en: &str) {
        let mark = if holds { "✔" } else { "✘" };
        let text = format!("  {mark} {}", self.choose(zh, en));
        self.line(&text);
    }

    /// A refusal as its reader sees it: what was refused, why, with figures and remedy.
    pub(crate) fn refusal(&mut self, tried: &str, document: &ProblemDocument) {
        self.line(&format!("  ⛔ {tried}"));
        self.line(&format!("     {} {} · {}", document.status, document.code, document.title));
        self.line(&format!("     {}", document.detail));
        let figures: Vec<String> = document
            .extensions
            .iter()
            .filter(|(_, value)| value.is_string() || value.is_number())
            .map(|(name, value)| format!("{name} = {}", plain(value)))
            .collect();
        if !figures.is_empty() {
            self.line(&format!("     {}", figures.join(", ")));
        }
        for error in &document.errors {
            self.line(&format!("     {} : {}", error.pointer, error.detail));
        }
        if !document.remedy.is_empty() {
            let lead = self.choose("可以这样办：", "what can be done: ");
            self.line(&format!("     {lead}{}", document.remedy));
        }
    }

    /// A table; columns named in `right` are aligned right.
    pub(crate) fn table(&mut self, header: &[&str], rows: Vec<Vec<String>>, right: &[usize]) {
        let mut table = Table::new();
        table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_header(header.to_vec());
        for row in rows {
            table.add_row(row);
        }
        for &index in right {
            if let Some(column) = table.column_mut(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for text in table.to_string().lines() {
            self.line(&format!("  {text}"));
        }
    }

    /// A passing note of where long work stands; not part of the story.
    pub(crate) fn progress(&mut self, done: usize, of: usize, what: &str) {
        if self.progress {
            let mut err = std::io::stderr();
            let end = if done == of { "\r\u{1b}[K" } else { "" };
            let _ = write!(err, "\r\u{1b}[K  … {what} {done}/{of}{end}");
            let _ = err.flush();
        }
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
        let _ = self.out.flush();
    }
}

/// A JSON value without quotes.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
