//! Serves a request from its head to its line in the access log. This is the straight line that every request follows,
//! over whichever version of HTTP it came.

use std::{net::IpAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{StatusCode, header};
use pingora::http::RequestHeader;
use tokio::time::timeout;

use crate::proxy::{
    client::Client,
    decide::{
        current_gateway::Current,
        gateway::{Admitted, Gateway},
        state::{RequestState, Responder},
    },
    forward::{
        access_log, auth_api,
        failure::Failure,
        interrupt::unless_gone,
        response::{self, OwnResponse},
        upstream::{ClientRequest, Forwarding},
    },
    http1::header_case::HeaderCase,
    session::refresh,
    upstreams::connect::Connector,
};

/// Bounds the time in which a client may take the last of a response that was broken off.
const LAST_WRITE: Duration = Duration::from_secs(1);

/// Serves a request whose head is parsed. What is in force when it arrives decides on it to its end.
pub(crate) async fn serve(
    current: &Arc<Current>,
    connector: &Connector,
    client: &mut Client,
    (request, header_case): (RequestHeader, HeaderCase),
    peer: IpAddr,
) {
    let gateway = current.load_full();
    let load = client.begin_request();
    let mut state = gateway.receive(peer, &request.headers, load);
    let forwarding = Forwarding { gateway: &gateway, current, connector };
    let request = ClientRequest { header: &request, header_case: &header_case };
    let failure = match respond(forwarding, client, request, peer, &mut state).await {
        Ok(()) => None,
        Err(failure) => Some(conclude(&gateway, client, request, failure, &mut state).await),
    };
    access_log::request(&gateway, client, request.header, &state, failure.as_ref());
}

/// Tells the client of a failure, where it can still be told and is there to listen. The connection ends then: a client that
/// is not told would use it once more.
async fn conclude(
    gateway: &Gateway,
    client: &mut Client,
    request: ClientRequest<'_>,
    failure: Failure,
    state: &mut RequestState,
) -> Failure {
    client.end_with_response();
    if let Failure::Terminated(_) = failure {
        count_terminated(gateway, client);
    }
    access_log::failure(gateway, state, &failure);
    match failure.rejection() {
        Some(rejection) if client.status.is_none() => {
            let told = response::reject(gateway, client, request.header, state, &rejection).await;
            told.err().unwrap_or(failure)
        }
        _ => {
            // The client gets what the upstream did send before its connection ends in the middle of the response.
            let _ = timeout(LAST_WRITE, client.write()).await;
            client.abort();
            failure
        }
    }
}

async fn respond(
    forwarding: Forwarding<'_>,
    client: &mut Client,
    request: ClientRequest<'_>,
    peer: IpAddr,
    state: &mut RequestState,
) -> Result<(), Failure> {
    let gateway = forwarding.gateway;
    let method = &request.header.method;
    let admitted = unless_gone(client, gateway.admit(peer, request.header, state)).await?;
    record_in_span(gateway, state);
    match admitted {
        Ok(Admitted::Upstream(forward)) => forwarding.forward(client, request, &forward, state).await,
        Ok(Admitted::Local(target)) => auth_api::serve(gateway, client, request.header, &target, state).await,
        Ok(Admitted::Preflight(fields)) => {
            let response = OwnResponse { status: StatusCode::NO_CONTENT, fields, body: Bytes::new() };
            response::write(gateway, client, method, state, response).await
        }
        Ok(Admitted::Authorized { mut fields, route, permit }) => {
            let cookie = refresh::record_forward_auth(gateway, &request.header.headers, route, &permit);
            fields.extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
            let response = OwnResponse { status: StatusCode::OK, fields, body: Bytes::new() };
            response::write(gateway, client, method, state, response).await
        }
        Err(rejection) => {
            access_log::defect(state, &rejection);
            response::reject(gateway, client, request.header, state, &rejection).await
        }
    }
}

/// Names the request and its route in the span that every line of the log about it shows at the level debug.
fn record_in_span(gateway: &Gateway, state: &RequestState) {
    if tracing::enabled!(tracing::Level::DEBUG) {
        let span = tracing::Span::current();
        span.record("request.id", state.id.as_str());
        if let Responder::Route(id) = state.responder {
            span.record("route.name", gateway.routes.get(id).name.as_str());
        }
    }
}

fn count_terminated(gateway: &Gateway, client: &Client) {
    let kind = if client.status == Some(StatusCode::SWITCHING_PROTOCOLS) { "websocket" } else { "stream" };
    gateway.metrics.sessions.connections_ended.with_label_values(&[kind]).inc();
}
