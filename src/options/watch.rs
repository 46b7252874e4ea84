use std::time::Duration;

/// What a server watches: silent peers, slow peers, memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchOptions {
    /// Between looks for silent peers; `None`: there is none.
    pub heartbeat_check_interval: Option<Duration>,
    /// Silence that ends a connection; `None` is twice the interval.
    pub heartbeat_idle_time: Option<Duration>,
    /// For the head of a request, from its first byte; `None` is no limit.
    pub header_timeout: Option<Duration>,
    /// For the next bytes of a request's body; `None` is no limit.
    pub body_timeout: Option<Duration>,
    /// For an HTTP peer to take the next bytes of its answer; `None` is no limit.
    pub write_timeout: Option<Duration>,
    /// Bytes that may wait in one worker, to be sent and of messages that are not complete.
    pub buffer_total_size: usize,
    /// Reading starts with `confirm()`.
    pub delay_receive: bool,
}

impl WatchOptions {
    /// Silence that ends a connection; `None`: heartbeats are off.
    #[must_use]
    pub fn idle_time(&self) -> Option<Duration> {
        self.heartbeat_idle_time.or(self.heartbeat_check_interval.map(|every| every * 2))
    }

    /// An interval that is longer than the silence would find it late.
    pub(super) fn cross_check(&mut self, warnings: &mut Vec<String>) {
        if let (Some(every), Some(idle)) = (self.heartbeat_check_interval, self.heartbeat_idle_time)
            && every > idle
        {
            let half = (idle / 2).max(Duration::from_secs(1));
            warnings.push(format!(
                "option \"heartbeat_check_interval\" is {}, more than heartbeat_idle_time ({}); {} \
                 is used",
                every.as_secs(),
                idle.as_secs(),
                half.as_secs()
            ));
            self.heartbeat_check_interval = Some(half);
        }
    }
}

impl Default for WatchOptions {
    fn default() -> Self {
        let minute = Some(Duration::from_secs(60));
        WatchOptions {
            heartbeat_check_interval: None,
            heartbeat_idle_time: None,
            header_timeout: minute,
            body_timeout: minute,
            write_timeout: minute,
            buffer_total_size: 256 * 1024 * 1024,
            delay_receive: false,
        }
    }
}
