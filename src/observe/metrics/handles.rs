//! Holds every metric there is, registered once. Labels come from closed sets: route names, status classes, outcomes.
//! `docs/metrics.md` is the list for operators.

use std::time::{SystemTime, UNIX_EPOCH};

use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Registry,
    TextEncoder,
};

use crate::observe::metrics::{
    api_keys::ApiKeyMetrics,
    calls::CallMetrics,
    mailed_secrets::MailedSecretMetrics,
    organizations::OrganizationMetrics,
    process::Process,
    registry::{counter, counters, gauge, gauges, histogram, register},
    second_factors::SecondFactorMetrics,
    sessions::SessionMetrics,
};

/// Holds the handles, shared by all rooms. A scrape renders them with [`Metrics::render`].
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    /// Is `authgate_requests_total{route,status}`: status is `1xx` … `5xx`; routes of our own are `_auth`, `_none`.
    pub requests: IntCounterVec,
    /// Is `authgate_request_duration_seconds{route}`.
    pub request_duration: HistogramVec,
    /// Is `authgate_requests_in_flight`.
    pub requests_in_flight: IntGauge,
    /// Is `authgate_requests_refused_total{reason}`: malformed or forbidden before routing.
    pub requests_refused: IntCounterVec,
    /// Is `authgate_access_denied_total{reason}`: requests that the rule of their route did not admit.
    pub access_denied: IntCounterVec,
    /// Is `authgate_session_check_duration_seconds`: from the request's question to its answer.
    pub check_duration: Histogram,
    /// Is `authgate_session_check_batch_size`: tokens asked in one query.
    pub check_batch_size: Histogram,
    /// Is `authgate_session_check_failures_total`: questions answered with 503.
    pub check_failures: IntCounter,
    /// Is `authgate_sign_ins_total{outcome}`.
    pub sign_ins: IntCounterVec,
    /// Holds the metrics of second factors.
    pub second_factors: SecondFactorMetrics,
    /// Holds the metrics of API keys.
    pub api_keys: ApiKeyMetrics,
    /// Holds the metrics of calls that administer.
    pub calls: CallMetrics,
    /// Holds the metric of codes and links that are mailed.
    pub mailed_secrets: MailedSecretMetrics,
    pub organizations: OrganizationMetrics,
    /// Is `authgate_rate_limited_total{class}`: requests refused with 429, by what limit.
    pub rate_limited: IntCounterVec,
    /// Is `authgate_route_rate_limited_total{route}`: requests beyond `rate_limit` of their route, answered with 429.
    pub route_rate_limited: IntCounterVec,
    /// Is `authgate_upstream_server_up{upstream,server}`: 0 while the server is left out.
    pub upstream_up: IntGaugeVec,
    /// Is `authgate_upstream_ejections_total{upstream,server}`.
    pub upstream_ejections: IntCounterVec,
    /// Is `authgate_upstream_connect_failures_total{upstream,server}`.
    pub upstream_connect_failures: IntCounterVec,
    /// Is `authgate_upstream_retries_total{upstream}`: requests that a second server got because the first one failed.
    pub upstream_retries: IntCounterVec,
    /// Is `authgate_tls_certificate_expiry_seconds`: Unix time, 0 without a certificate.
    pub certificate_expiry: IntGauge,
    /// Holds the metrics of sessions that end or are remembered.
    pub sessions: SessionMetrics,
    /// Is `authgate_config_reload_success`: 1, or 0 while the files are invalid and an older configuration is in force.
    pub config_reload_success: IntGauge,
    /// Is `authgate_config_reload_timestamp_seconds`: Unix time at which the configuration in force was taken over.
    pub config_reload_timestamp: IntGauge,
    /// Is `authgate_password_hashing_queue`: passwords waiting for a hashing thread.
    pub hashing_queue: IntGauge,
    /// Is `authgate_password_hashing_duration_seconds`: one hash, without the wait.
    pub hashing_duration: Histogram,
    /// Is `authgate_password_hashing_rejected_total`: queue full or deadline passed.
    pub hashing_rejected: IntCounter,
    /// Is `authgate_database_connections{state}`: `idle` or `used`.
    pub database_connections: IntGaugeVec,
    /// Is `authgate_database_connections_max`: what the pool may open, `database.max_connections`.
    pub database_connections_max: IntGauge,
    /// Is `authgate_mail_outbox_depth`: messages waiting for delivery.
    pub outbox_depth: IntGauge,
    /// Is `authgate_mail_outbox_oldest_seconds`: age of the oldest of them.
    pub outbox_oldest: IntGauge,
    /// Is `authgate_mail_deliveries_total{outcome}`: `sent`, `retried`, `failed`.
    pub mail_deliveries: IntCounterVec,
    /// Is `authgate_access_log_dropped_total`: lines lost because standard output did not keep up or failed.
    pub access_log_dropped: IntCounter,
    /// Is `authgate_audit_dropped_total`: denials that the audit log does not hold, because there were too many.
    pub audit_dropped: IntCounter,
    /// Is `authgate_task_restarts_total{task}`: shared work that panicked and was started again. It should stay zero.
    pub task_restarts: IntCounterVec,
    /// Is `authgate_sweep_failures_total{table}`: tables whose expired rows could not be removed for now.
    pub sweep_failures: IntCounterVec,
    /// Is `authgate_panics_total`, which should stay zero.
    pub panics: IntCounter,
    process: Process,
}

impl Metrics {
    /// Registers everything.
    ///
    /// # Panics
    /// When two metrics have one name, which is a defect that every test finds.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "it is the list of metrics")]
    pub fn new() -> Self {
        let registry = Registry::new();
        let metrics = Self {
            requests: counters(&registry, "requests_total", "Requests answered.", &["route", "status"]),
            request_duration: request_duration(&registry),
            requests_in_flight: gauge(&registry, "requests_in_flight", "Requests being answered."),
            requests_refused: counters(&registry, "requests_refused_total", "Requests refused unread.", &["reason"]),
            access_denied: counters(
                &registry,
                "access_denied_total",
                "Requests that the rule of their route did not admit.",
                &["reason"],
            ),
            check_duration: histogram(
                &registry,
                "session_check_duration_seconds",
                "Time from a request's question for its session to the answer.",
                &CHECK_BUCKETS,
            ),
            check_batch_size: histogram(
                &registry,
                "session_check_batch_size",
                "Tokens asked in one query.",
                &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0],
            ),
            check_failures: counter(&registry, "session_check_failures_total", "Session checks answered with 503."),
            sign_ins: counters(&registry, "sign_ins_total", "Sign-in attempts.", &["outcome"]),
            second_factors: SecondFactorMetrics::new(&registry),
            api_keys: ApiKeyMetrics::new(&registry),
            calls: CallMetrics::new(&registry),
            mailed_secrets: MailedSecretMetrics::new(&registry),
            organizations: OrganizationMetrics::new(&registry),
            rate_limited: counters(&registry, "rate_limited_total", "Requests beyond a limit.", &["class"]),
            route_rate_limited: counters(
                &registry,
                "route_rate_limited_total",
                "Requests beyond a route's limit.",
                &["route"],
            ),
            upstream_up: gauges(
                &registry,
                "upstream_server_up",
                "0 while a server is left out.",
                &["upstream", "server"],
            ),
            upstream_ejections: counters(
                &registry,
                "upstream_ejections_total",
                "Times a server was left out because requests to it failed.",
                &["upstream", "server"],
            ),
            upstream_connect_failures: counters(
                &registry,
                "upstream_connect_failures_total",
                "Connections to a server that could not be made.",
                &["upstream", "server"],
            ),
            upstream_retries: counters(
                &registry,
                "upstream_retries_total",
                "Requests sent to a second server.",
                &["upstream"],
            ),
            certificate_expiry: gauge(
                &registry,
                "tls_certificate_expiry_seconds",
                "When the certificate of the public listener expires; 0 without one.",
            ),
            sessions: SessionMetrics::new(&registry),
            config_reload_success: gauge(
                &registry,
                "config_reload_success",
                "0 while the files are invalid, 1 when in force.",
            ),
            config_reload_timestamp: gauge(&registry, "config_reload_timestamp_seconds", "When it was taken over."),
            hashing_queue: gauge(&registry, "password_hashing_queue", "Passwords waiting to be hashed."),
            hashing_duration: histogram(
                &registry,
                "password_hashing_duration_seconds",
                "One password hash, without its wait.",
                &[0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0],
            ),
            hashing_rejected: counter(&registry, "password_hashing_rejected_total", "Passwords not hashed in time."),
            database_connections: gauges(&registry, "database_connections", "Pooled connections.", &["state"]),
            database_connections_max: gauge(
                &registry,
                "database_connections_max",
                "Connections that the pool may open.",
            ),
            outbox_depth: gauge(&registry, "mail_outbox_depth", "Messages waiting for delivery."),
            outbox_oldest: gauge(&registry, "mail_outbox_oldest_seconds", "Age of the oldest waiting message."),
            mail_deliveries: counters(&registry, "mail_deliveries_total", "Delivery attempts.", &["outcome"]),
            access_log_dropped: counter(&registry, "access_log_dropped_total", "Access log lines lost."),
            audit_dropped: counter(&registry, "audit_dropped_total", "Refusals not audited."),
            task_restarts: counters(&registry, "task_restarts_total", "Shared tasks started again.", &["task"]),
            sweep_failures: counters(&registry, "sweep_failures_total", "Sweeps that failed.", &["table"]),
            panics: counter(&registry, "panics_total", "Panics caught. Should stay zero."),
            process: Process::new(&registry, SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()),
            registry,
        };
        metrics.begin();
        let build = gauges(&metrics.registry, "build_info", "Always 1; the version is a label.", &["version"]);
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        metrics
    }

    /// Begins at 0 those that alerts are about: a counter that first appears with its first event shows no increase.
    fn begin(&self) {
        for outcome in ["sent", "retried", "failed"] {
            self.mail_deliveries.with_label_values(&[outcome]);
        }
        for reason in [
            "unauthenticated",
            "rejected_bearer",
            "rejected_api_key",
            "missing_scope",
            "api_key_not_allowed",
            "user_required",
            "missing_role",
            "missing_organization_role",
            "two_factor_required",
            "reauthentication_required",
            "cross_origin",
        ] {
            self.access_denied.with_label_values(&[reason]);
        }
        for kind in ["websocket", "stream"] {
            self.sessions.connections_ended.with_label_values(&[kind]);
        }
    }

    /// Returns the Prometheus text format. Reads of the process what the system tells, which may take milliseconds.
    ///
    /// # Panics
    /// Never: writing to memory does not fail.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        self.process.refresh();
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text).expect("writing to memory does not fail");
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

const REQUEST_BUCKETS: [f64; 12] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
const CHECK_BUCKETS: [f64; 10] = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1.0];

fn request_duration(registry: &Registry) -> HistogramVec {
    let options = HistogramOpts::new("authgate_request_duration_seconds", "Time to answer a request.");
    register(registry, HistogramVec::new(options.buckets(REQUEST_BUCKETS.to_vec()), &["route"]))
}
