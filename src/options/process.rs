use std::time::Duration;

/// How a server's processes run and end, beside what `ServerConfig` names itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessOptions {
    /// onWorkerStop runs when an event worker begins to end, which then waits for all that is pending.
    pub reload_async: bool,
    /// Event workers and I/O threads are bound to one CPU each.
    pub affinity: bool,
    /// CPUs that they are not bound to.
    pub spared_cpus: Vec<i64>,
    /// Where it is told what takes long.
    pub slow_file: Option<Vec<u8>>,
    /// How long that is; `None`: nothing is.
    pub slow_after: Option<Duration>,
    /// Requests of event workers are watched, and not tasks alone.
    pub slow_events: bool,
}

impl Default for ProcessOptions {
    fn default() -> Self {
        ProcessOptions {
            reload_async: false,
            affinity: false,
            spared_cpus: Vec::new(),
            slow_file: None,
            slow_after: Some(Duration::from_secs(1)),
            slow_events: false,
        }
    }
}

impl ProcessOptions {
    /// The CPU for the process or thread with that number, out of those that the system allows.
    /// `None`: it is not bound.
    #[must_use]
    pub fn cpu(&self, number: usize, allowed: &[usize]) -> Option<usize> {
        let is_spared =
            |cpu: usize| i64::try_from(cpu).is_ok_and(|n| self.spared_cpus.contains(&n));
        let usable = || allowed.iter().copied().filter(|cpu| !is_spared(*cpu));
        let count = usable().count();
        usable().nth(number.checked_rem(count)?).filter(|_| self.affinity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpus_are_given_in_turn_and_spared_ones_never() {
        let options =
            ProcessOptions { affinity: true, spared_cpus: vec![0, -1, 5], ..Default::default() };
        let cpus: Vec<_> = (0..4).map(|number| options.cpu(number, &[0, 2, 3, 5])).collect();
        assert_eq!(cpus, [Some(2), Some(3), Some(2), Some(3)]);
        assert_eq!(options.cpu(0, &[0, 5]), None);
        assert_eq!(options.cpu(0, &[]), None);
        assert_eq!(ProcessOptions::default().cpu(0, &[0]), None);
    }
}
