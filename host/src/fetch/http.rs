//! One request after the other, over TLS, bounded in bytes and time.

use super::address::Address;
use super::error::FetchError;
use crate::model::limits::{DOWNLOAD_SENT_ON, DOWNLOAD_SILENCE, DOWNLOAD_TIME};
use std::io::{self, Read};
use std::sync::Arc;
use ureq::http::{HeaderMap, Method, Request};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};

/// Asks servers. Redirects are not followed without being looked at, nothing is unpacked.
pub struct Client {
    agent: Agent,
}

/// What was fetched.
pub struct Fetched {
    /// The bytes, all of them.
    pub bytes: Vec<u8>,
    /// The server that gave them, where that is another one than was asked.
    pub sent_on: Option<String>,
}

impl Client {
    /// A client that trusts the authorities this machine trusts, or those in the file that
    /// `SSL_CERT_FILE` names.
    ///
    /// # Errors
    /// When there are none.
    pub fn new() -> Result<Self, FetchError> {
        let found = rustls_native_certs::load_native_certs();
        if found.certs.is_empty() {
            let why = found.errors.first().map(ToString::to_string);
            return Err(FetchError::NoRoots(why.unwrap_or_default()));
        }
        let roots = found
            .certs
            .iter()
            .map(|certificate| Certificate::from_der(certificate).to_owned());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::from(roots))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            // A connection that was kept may be gone by the time it is used again.
            .max_idle_connections(0)
            .user_agent(concat!("takeback/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(DOWNLOAD_SILENCE))
            .timeout_recv_response(Some(DOWNLOAD_SILENCE))
            .timeout_per_read(Some(DOWNLOAD_SILENCE))
            .timeout_per_call(Some(DOWNLOAD_TIME))
            .build();
        Ok(Self {
            agent: Agent::new_with_config(config),
        })
    }

    /// Fetches a file of at most `limit` bytes. `pinned` says that the digest of what comes
    /// is known, so that it does not matter which server gives it.
    ///
    /// # Errors
    /// When the server cannot be reached or trusted, sends on to another one, or gives too
    /// much or too little.
    pub fn fetch(&self, from: &Address, limit: u64, pinned: bool) -> Result<Fetched, FetchError> {
        let answer = self.follow(from, &[], pinned)?;
        let sent_on = (!answer.address.same_server(from)).then(|| answer.address.host().to_owned());
        let bytes = answer.ok()?.read(limit)?;
        Ok(Fetched { bytes, sent_on })
    }

    /// Asks for something, and again where the server sends on to. What is said in
    /// `headers` is said to the first server only.
    pub(super) fn follow(
        &self,
        from: &Address,
        headers: &[(&str, &str)],
        elsewhere: bool,
    ) -> Result<Answer, FetchError> {
        let mut address = from.clone();
        for _ in 0..=DOWNLOAD_SENT_ON {
            let said = if address.same_server(from) {
                headers
            } else {
                &[]
            };
            let answer = self.send(&Method::GET, &address, said, None)?;
            let Some(next) = answer.sends_on()? else {
                return Ok(answer);
            };
            if !elsewhere && !next.same_server(&address) {
                return Err(FetchError::SentOn {
                    from: address.to_string(),
                    to: next.host().to_owned(),
                });
            }
            address = next;
        }
        Err(FetchError::Odd {
            address: from.to_string(),
            why: format!("it sends on more than {DOWNLOAD_SENT_ON} times"),
        })
    }

    /// One request and its answer, whatever it is.
    pub(super) fn send(
        &self,
        method: &Method,
        to: &Address,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, FetchError> {
        let odd = |e: ureq::http::Error| FetchError::Odd {
            address: to.to_string(),
            why: e.to_string(),
        };
        let mut request = Request::builder().method(method).uri(to.to_string());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match body {
            Some(body) => self.agent.run(request.body(body).map_err(odd)?),
            None => self.agent.run(request.body(()).map_err(odd)?),
        };
        let (parts, body) = answer.map_err(|e| failed(to, &e))?.into_parts();
        Ok(Answer {
            address: to.clone(),
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        })
    }
}

/// What a server answered; the body is not read yet.
pub(super) struct Answer {
    pub(super) address: Address,
    pub(super) status: u16,
    headers: HeaderMap,
    body: Body,
}

impl Answer {
    /// A header, if it is there and plain text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Where it sends on to, if it does.
    pub(super) fn sends_on(&self) -> Result<Option<Address>, FetchError> {
        if !matches!(self.status, 301 | 302 | 303 | 307 | 308) {
            return Ok(None);
        }
        let location = self.header("location");
        let location = location.ok_or_else(|| self.odd("it sends on without saying where to"))?;
        self.address.join(location).map(Some)
    }

    /// The same, if the server says that all is well.
    pub(super) fn ok(self) -> Result<Self, FetchError> {
        let address = self.address.to_string();
        match self.status {
            200..=299 => Ok(self),
            404 | 410 => Err(FetchError::NotFound(address)),
            401 | 403 => Err(FetchError::Denied(address)),
            status => Err(FetchError::Status { address, status }),
        }
    }

    /// All of the body, which must say how long it is and be no longer than `limit`.
    pub(super) fn read(mut self, limit: u64) -> Result<Vec<u8>, FetchError> {
        let packed = self.header("content-encoding");
        if packed.is_some_and(|how| !how.eq_ignore_ascii_case("identity")) {
            return Err(self.odd("it is packed, which nobody asked for"));
        }
        let chunked = self.header("transfer-encoding").is_some();
        let length = self.header("content-length");
        let promised: Option<u64> = length.and_then(|n| n.parse().ok());
        // Where the end of the connection is the end of the file, nobody can see that
        // something is missing.
        if promised.is_none() && !chunked {
            return Err(self.odd("it does not say how long it is"));
        }
        let address = self.address.to_string();
        let too_large = || FetchError::TooLarge {
            address: address.clone(),
            limit,
        };
        if promised.is_some_and(|promised| promised > limit) {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        let read = (&mut self.body.as_reader())
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes);
        let got = bytes.len() as u64;
        let truncated = || FetchError::Truncated {
            address: address.clone(),
            got,
        };
        read.map_err(|e| match e.kind() {
            io::ErrorKind::UnexpectedEof => truncated(),
            _ => failed(&self.address, &ureq::Error::from(e)),
        })?;
        if got > limit {
            return Err(too_large());
        }
        if promised.is_some_and(|promised| promised != got) {
            return Err(truncated());
        }
        Ok(bytes)
    }

    /// Reads away what a server says to something that was sent to it.
    #[cfg(feature = "oci")]
    pub(super) fn done(self) -> Result<(), FetchError> {
        let mut rest = Vec::new();
        let (mut body, address) = (self.body, self.address);
        body.as_reader()
            .take(crate::model::limits::UPLOAD_ANSWER_BYTES)
            .read_to_end(&mut rest)
            .map_err(|e| failed(&address, &ureq::Error::from(e)))?;
        Ok(())
    }

    /// The error for an answer that breaks the rules.
    pub(super) fn odd(&self, why: impl Into<String>) -> FetchError {
        FetchError::Odd {
            address: self.address.to_string(),
            why: why.into(),
        }
    }
}

/// What went wrong on the way.
fn failed(to: &Address, error: &ureq::Error) -> FetchError {
    let host = to.host().to_owned();
    let text = error.to_string();
    // A certificate is refused while the connection is made, where the error is one of I/O.
    let certificate = match error {
        ureq::Error::Rustls(rustls::Error::InvalidCertificate(_)) => true,
        ureq::Error::Io(e) => e
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>())
            .is_some_and(|e| matches!(e, rustls::Error::InvalidCertificate(_))),
        _ => false,
    };
    if certificate {
        FetchError::Certificate { host, why: text }
    } else {
        FetchError::Unreachable { host, why: text }
    }
}
