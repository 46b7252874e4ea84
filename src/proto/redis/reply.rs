use bytes::Bytes;

/// One reply of the server. Payloads share the buffer that they arrived in.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// `+`: a status such as `OK`.
    Status(Bytes),
    /// `-` and `!`: an error, code word included.
    Error(Bytes),
    /// `:`
    Integer(i64),
    /// `$`: binary-safe.
    Bulk(Bytes),
    /// `_`, `$-1` and `*-1`.
    Null,
    /// `*`
    Array(Vec<Reply>),
    /// `,`: infinities and NaN included.
    Double(f64),
    /// `#`
    Bool(bool),
    /// `(`: decimal digits with an optional sign.
    BigNumber(Bytes),
    /// `=`: a text and its three-letter format (`txt`, `mkd`).
    Verbatim {
        /// The three letters.
        format: [u8; 3],
        /// What stands after the colon.
        text: Bytes,
    },
    /// `%`: in the server's order, doubled keys kept.
    Map(Vec<(Reply, Reply)>),
    /// `~`: in the server's order.
    Set(Vec<Reply>),
    /// `>`: told without having been asked for.
    Push(Vec<Reply>),
}

impl Reply {
    /// Whether the reply answers no command.
    #[must_use]
    pub fn is_push(&self) -> bool {
        matches!(self, Reply::Push(_))
    }
}
