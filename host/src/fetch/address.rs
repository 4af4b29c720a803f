//! An `https` address, read strictly: what two readers could understand differently is none.

use super::error::FetchError;
use std::fmt;

/// An address of the web. Plain `http` only where nobody is on the way: on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    secure: bool,
    /// In lower case, with brackets around an IPv6 address, with a port if one was given.
    authority: String,
    /// From the first `/` on, with the query.
    path: String,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// When it is not `https`, names a user, or is not plain ASCII.
    pub fn parse(text: &str) -> Result<Self, FetchError> {
        let bad = |why| FetchError::Address {
            text: text.to_owned(),
            why,
        };
        let (secure, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(bad("it does not begin with https://")),
        };
        let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'\\' | b'"' | b'<' | b'>');
        if !rest.bytes().all(plain) {
            return Err(bad("it has characters that must be written with %"));
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(bad(
                "it names a user; no credentials are taken from an address",
            ));
        }
        let authority = authority.to_ascii_lowercase();
        if !is_authority(&authority) {
            return Err(bad("its host is malformed"));
        }
        if !secure && !is_loopback(&authority) {
            return Err(bad("it is not https, and its host is not this machine"));
        }
        let path = match path.as_bytes().first() {
            Some(b'/') => path.to_owned(),
            _ => format!("/{path}"),
        };
        Ok(Self {
            secure,
            authority,
            path,
        })
    }

    /// Where a server sends on to from here.
    ///
    /// # Errors
    /// As for [`Self::parse`], and when it leads from `https` to `http`.
    pub fn join(&self, location: &str) -> Result<Self, FetchError> {
        let base = |path: &str| {
            let scheme = if self.secure { "https" } else { "http" };
            Self::parse(&format!("{scheme}://{}{path}", self.authority))
        };
        if location.starts_with("//") || location.contains("://") {
            let next = Self::parse(location)?;
            if self.secure && !next.secure {
                return Err(FetchError::Address {
                    text: location.to_owned(),
                    why: "it leads from https to http",
                });
            }
            return Ok(next);
        }
        if location.starts_with('/') {
            return base(location);
        }
        let own = self.path.split('?').next().unwrap_or_default();
        let folder = own.rfind('/').map_or("/", |at| &own[..=at]);
        base(&format!("{folder}{location}"))
    }

    /// Host and port as they were given.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.authority
    }

    /// Whether both are served by the same server over the same protocol.
    #[must_use]
    pub fn same_server(&self, other: &Self) -> bool {
        (self.secure, &self.authority) == (other.secure, &other.authority)
    }

    /// The same address with a query parameter more.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        use fmt::Write as _;
        let mut path = self.path.clone();
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str(name);
        path.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                path.push(char::from(byte));
            } else {
                // Writing to a String cannot fail.
                let _ = write!(path, "%{byte:02X}");
            }
        }
        Self {
            path,
            ..self.clone()
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)
    }
}

/// Splits `host:port`; the port is empty where there is none.
fn split(authority: &str) -> (&str, Option<&str>) {
    match authority.rfind(':') {
        Some(at) if !authority.ends_with(']') => (&authority[..at], Some(&authority[at + 1..])),
        _ => (authority, None),
    }
}

/// Whether this is a host with or without a port.
pub(super) fn is_authority(text: &str) -> bool {
    let (host, port) = split(text);
    let name = |host: &str| {
        !host.is_empty()
            && !host.starts_with(['.', '-'])
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
    };
    let bracketed = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let host = match bracketed {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => name(host),
    };
    host && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// Whether this host is this machine.
pub(super) fn is_loopback(authority: &str) -> bool {
    let host = split(authority).0;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost"
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_this_machine() {
        for good in [
            "https://example.org/a.wasm",
            "https://example.org:8443",
            "http://127.0.0.1:9/x",
            "http://[::1]:9/x?y",
            "http://localhost/x",
        ] {
            assert!(Address::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://example.org/a.wasm",
            "http://127.0.0.1.example.org/",
            "http://localhost.example.org/",
            "https://ada:secret@example.org/",
            "https://127.0.0.1:80@example.org/",
            "https:///x",
            "https://a b/",
            "https://exa\u{e4}mple.org/",
            "https://example.org:0/",
            "https://example.org:99999/",
            "https://example.org\\@127.0.0.1/",
            "https://[::1/",
            "ftp://example.org/",
            "file:///etc/passwd",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_server_sends_on_to_what_it_says() {
        let from = Address::parse("https://example.org/a/b?c=d").unwrap();
        for (location, to) in [
            ("/x", "https://example.org/x"),
            ("x", "https://example.org/a/x"),
            ("https://Other.org/y?z", "https://other.org/y?z"),
        ] {
            assert_eq!(from.join(location).unwrap().to_string(), to);
        }
        for bad in ["http://localhost/x", "//other.org/x", "file:///x"] {
            assert!(from.join(bad).is_err(), "{bad}");
        }
        let asked = from.with("scope", "repository:a/b:pull");
        assert_eq!(
            asked.to_string(),
            "https://example.org/a/b?c=d&scope=repository%3Aa%2Fb%3Apull"
        );
    }
}
