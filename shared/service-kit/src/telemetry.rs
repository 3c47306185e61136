//! Logs, traces and metrics of a process.

use std::sync::LazyLock;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use prometheus::{Encoder as _, HistogramVec, IntCounterVec, Registry, TextEncoder};
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{LogFormat, Telemetry};

/// Why telemetry could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("log filter is malformed: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    #[error("trace exporter could not start: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
}

/// Keeps the trace exporter alive; flushes when the process ends.
pub struct TelemetryGuard(Option<SdkTracerProvider>);

impl Drop for TelemetryGuard {
    fn drop(&mut self) {
        if let Some(provider) = &self.0 {
            let _ = provider.shutdown();
        }
    }
}

/// Starts logs and, when an endpoint is set, OTLP traces. A second start in one process changes nothing.
pub fn start(settings: &Telemetry, service: &'static str) -> Result<TelemetryGuard, TelemetryError> {
    let filter = EnvFilter::try_new(&settings.filter)?;
    let provider = settings.otlp_endpoint.as_ref().map(|endpoint| exporter(endpoint.as_str(), service)).transpose()?;
    let traces = provider.as_ref().map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer(service)));
    let lines = match settings.format {
        LogFormat::Pretty => tracing_subscriber::fmt::layer().with_writer(std::io::stderr).compact().boxed(),
        LogFormat::Json => tracing_subscriber::fmt::layer().with_writer(std::io::stderr).json().boxed(),
    };
    let _already_started = tracing_subscriber::registry().with(filter).with(lines).with(traces).try_init();
    Ok(TelemetryGuard(provider))
}

fn exporter(endpoint: &str, service: &'static str) -> Result<SdkTracerProvider, TelemetryError> {
    let exporter = opentelemetry_otlp::SpanExporter::builder().with_http().with_endpoint(endpoint).build()?;
    let resource = opentelemetry_sdk::Resource::builder().with_service_name(service).build();
    Ok(SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build())
}

/// Counters of one process, rendered at `/metrics`.
pub struct Metrics {
    registry: Registry,
    pub requests: IntCounterVec,
    pub seconds: HistogramVec,
}

static METRICS: LazyLock<Metrics> = LazyLock::new(|| {
    let requests = IntCounterVec::new(
        prometheus::Opts::new("http_requests_total", "answered requests"),
        &["method", "route", "status"],
    )
    .expect("the metric is well formed");
    let seconds = HistogramVec::new(
        prometheus::HistogramOpts::new("http_request_seconds", "time to answer"),
        &["method", "route"],
    )
    .expect("the metric is well formed");
    let registry = Registry::new();
    registry.register(Box::new(requests.clone())).expect("registered once");
    registry.register(Box::new(seconds.clone())).expect("registered once");
    Metrics { registry, requests, seconds }
});

/// The counters of this process. They describe the process, not a service, hence one set.
pub fn metrics() -> &'static Metrics {
    &METRICS
}

impl Metrics {
    /// The Prometheus text format.
    pub fn render(&self) -> Vec<u8> {
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "metrics could not be rendered");
        }
        text
    }
}
