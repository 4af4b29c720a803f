//! Why something could not be fetched.

use crate::model::{Digest, Shown};

/// A download, or an upload, that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Not an address that is used.
    #[error("the address {} is not used: {why}", Shown(.text))]
    Address {
        /// As it was given.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Not a reference to a registry.
    #[error("{} is no reference to a registry: {why}", Shown(.text))]
    Reference {
        /// As it was given.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// This build has no code for it.
    #[error("this build of takeback was made without {0}")]
    NotBuilt(&'static str),
    /// No certificates to check servers with.
    #[error("there are no certificates of authorities on this machine: {}", Shown(.0))]
    NoRoots(String),
    /// No answer, or none to its end.
    #[error("{} cannot be reached: {}", Shown(.host), Shown::sentence(.why))]
    Unreachable {
        /// The server.
        host: String,
        /// What the network said.
        why: String,
    },
    /// The server's certificate is not accepted.
    #[error("{} could not show that it is {}: {}", Shown(.host), Shown(.host), Shown::sentence(.why))]
    Certificate {
        /// The server.
        host: String,
        /// What is wrong with it.
        why: String,
    },
    /// The server says there is no such thing.
    #[error("{} does not exist", Shown(.0))]
    NotFound(String),
    /// The server wants to know who asks, or does not let them.
    #[error("{} may not be read or written by whom you are there", Shown(.0))]
    Denied(String),
    /// Another answer than what was asked for.
    #[error("{} answers with status {status}", Shown(.address))]
    Status {
        /// What was asked for.
        address: String,
        /// The HTTP status.
        status: u16,
    },
    /// The server sends on to another one.
    #[error("{} sends on to another server, {}", Shown(.from), Shown(.to))]
    SentOn {
        /// What was asked for.
        from: String,
        /// Where it is sent to.
        to: String,
    },
    /// More than is taken.
    #[error("{} is larger than the {limit} bytes that are taken", Shown(.address))]
    TooLarge {
        /// What was asked for.
        address: String,
        /// Bytes that are taken at most.
        limit: u64,
    },
    /// The connection ended early.
    #[error("{} ended after {got} bytes, before its end", Shown(.address))]
    Truncated {
        /// What was asked for.
        address: String,
        /// Bytes that came.
        got: u64,
    },
    /// An answer that breaks the rules of its kind.
    #[error("the answer of {} is not usable: {why}", Shown(.address))]
    Odd {
        /// What was asked for.
        address: String,
        /// What is wrong; foreign parts are already escaped.
        why: String,
    },
    /// Other bytes than were promised.
    #[error("{} has the SHA-256 {found}, not {expected}", Shown(.address))]
    Digest {
        /// What was asked for.
        address: String,
        /// What its name or the manifest says.
        expected: Digest,
        /// What came.
        found: Digest,
    },
    /// Something else is published under this name already.
    #[error("{} is published already, with other content", Shown(.0))]
    Taken(String),
}
