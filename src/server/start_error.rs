//! Why a server does not start.

use super::ListenError;

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port cannot be listened on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The system gave not a single process; the log says why.
    #[error("no worker could be forked")]
    NoWorker,
    /// A master starts once.
    #[error("the server was started before")]
    Twice,
}
