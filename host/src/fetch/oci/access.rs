//! Speaking with one repository of a registry: where it is, and the token it wants.

use crate::fetch::address::{Address, is_loopback};
use crate::fetch::error::FetchError;
use crate::fetch::http::{Answer, Client};
use crate::fetch::reference::Reference;
use crate::model::limits::REGISTRY_TOKEN_BYTES;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use ureq::http::Method;

/// Name and password for a registry. Not shown anywhere.
#[derive(Clone)]
pub struct Credentials(String);

impl Credentials {
    /// Reads `auth` as `docker login` writes it: base64 of `name:password`.
    #[must_use]
    pub fn from_auth(auth: &str) -> Option<Self> {
        let plain = STANDARD.decode(auth.trim()).ok()?;
        // A NUL was written behind passwords once.
        let plain = String::from_utf8(plain).ok()?;
        let plain = plain.trim_end_matches('\0');
        let (name, password) = plain.split_once(':')?;
        let whole = !name.is_empty() && !password.is_empty();
        whole.then(|| Self(STANDARD.encode(plain)))
    }

    fn header(&self) -> String {
        format!("Basic {}", self.0)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

/// What is to be done with the repository.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// Only read.
    Pull,
    /// Read and write.
    Push,
}

/// One repository, and how it is spoken with.
pub(super) struct Access<'a> {
    client: &'a Client,
    base: Address,
    name: &'a str,
    wish: Wish,
    credentials: Option<&'a Credentials>,
    authorization: Option<String>,
}

impl<'a> Access<'a> {
    pub(super) fn new(
        client: &'a Client,
        reference: &'a Reference,
        wish: Wish,
        credentials: Option<&'a Credentials>,
    ) -> Result<Self, FetchError> {
        let host = &reference.registry;
        let scheme = if is_loopback(host) { "http" } else { "https" };
        Ok(Self {
            client,
            base: Address::parse(&format!("{scheme}://{host}/v2/{}/", reference.name))?,
            name: &reference.name,
            wish,
            credentials,
            authorization: None,
        })
    }

    /// The address of something in the repository.
    pub(super) fn at(&self, path: &str) -> Result<Address, FetchError> {
        self.base.join(path)
    }

    /// Fetches something; `elsewhere` says whether another server may give it.
    pub(super) fn get(
        &mut self,
        path: &str,
        accept: &str,
        elsewhere: bool,
    ) -> Result<Answer, FetchError> {
        let address = self.at(path)?;
        self.with_token(|client, said| {
            let mut headers = vec![("accept", accept)];
            headers.extend(said.map(|said| ("authorization", said)));
            client.follow(&address, &headers, elsewhere)
        })
    }

    /// Sends something to an address of the registry itself.
    pub(super) fn send(
        &mut self,
        method: &Method,
        to: &Address,
        kind: &str,
        body: Option<&[u8]>,
    ) -> Result<Answer, FetchError> {
        if !to.same_server(&self.base) {
            return Err(FetchError::SentOn {
                from: self.base.to_string(),
                to: to.host().to_owned(),
            });
        }
        self.with_token(|client, said| {
            let mut headers = vec![("content-type", kind)];
            headers.extend(said.map(|said| ("authorization", said)));
            client.send(method, to, &headers, body)
        })
    }

    /// Asks, and once more with a token if the registry wants one.
    fn with_token(
        &mut self,
        ask: impl Fn(&Client, Option<&str>) -> Result<Answer, FetchError>,
    ) -> Result<Answer, FetchError> {
        let answer = ask(self.client, self.authorization.as_deref())?;
        if answer.status != 401 || !answer.address.same_server(&self.base) {
            return Ok(answer);
        }
        let wants = answer.header("www-authenticate").unwrap_or_default();
        let Some(authorization) = self.authorization_for(wants)? else {
            return Ok(answer);
        };
        self.authorization = Some(authorization);
        ask(self.client, self.authorization.as_deref())
    }

    /// What to say to a registry that wants to know who asks; `None` when nothing is known
    /// that could help.
    fn authorization_for(&self, wants: &str) -> Result<Option<String>, FetchError> {
        let (scheme, rest) = wants.split_once(' ').unwrap_or((wants, ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Ok(self.credentials.map(Credentials::header));
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Ok(None);
        }
        let Some(realm) = parameter(rest, "realm") else {
            return Ok(None);
        };
        let mut address = self.base.join(&realm)?;
        if let Some(service) = parameter(rest, "service") {
            address = address.with("service", &service);
        }
        // Asked for what is needed, whatever the registry thinks should be asked for.
        let actions = match self.wish {
            Wish::Pull => "pull",
            Wish::Push => "pull,push",
        };
        address = address.with("scope", &format!("repository:{}:{actions}", self.name));
        let basic = self.credentials.map(Credentials::header);
        let said = basic.as_deref().map(|basic| ("authorization", basic));
        let said: Vec<(&str, &str)> = said.into_iter().collect();
        let answer = self.client.follow(&address, &said, false)?.ok()?;
        let odd = answer.odd("it holds no token");
        let bytes = answer.read(REGISTRY_TOKEN_BYTES)?;
        let answer: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let token = [&answer["token"], &answer["access_token"]]
            .into_iter()
            .find_map(serde_json::Value::as_str)
            .filter(|token| !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic()));
        token.map_or(Err(odd), |token| Ok(Some(format!("Bearer {token}"))))
    }
}

/// A quoted parameter of a challenge.
fn parameter(challenge: &str, name: &str) -> Option<String> {
    let mut rest = challenge;
    while let Some((key, after)) = rest.split_once("=\"") {
        let (value, next) = after.split_once('"')?;
        if key
            .trim_start_matches([',', ' '])
            .eq_ignore_ascii_case(name)
        {
            return Some(value.to_owned());
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_in_any_order() {
        let said = r#"realm="https://auth.example.org/token",service="a,b", scope="x""#;
        assert_eq!(parameter(said, "service").as_deref(), Some("a,b"));
        assert_eq!(parameter(said, "scope").as_deref(), Some("x"));
        assert_eq!(parameter(said, "error"), None);
        assert_eq!(parameter("realm=\"open", "realm"), None);
    }

    #[test]
    fn a_password_is_never_shown() {
        let known = Credentials::from_auth(&STANDARD.encode("ada:secret")).unwrap();
        assert!(!format!("{known:?}").contains("secret"));
        for bad in ["", "%%", &STANDARD.encode("ada"), &STANDARD.encode("ada:")] {
            assert!(Credentials::from_auth(bad).is_none(), "{bad}");
        }
    }
}
