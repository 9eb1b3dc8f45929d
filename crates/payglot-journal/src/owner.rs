//! The process that sends an intent, and whether it is still alive.
//!
//! An owner that is known to be dead is not waited for. Where nothing is known (another machine, a system without `/proc`)
//! its lease has to run out. To be wrong here costs a payment its certainty and never sends it twice: the intent of an
//! owner that is given up is unknown, not free.

use std::fs;

/// A process, in words that its neighbours can check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The boot of the machine and the namespace of its processes; empty where they cannot be told.
    pub machine: String,
    /// Its number and when it began, which together are never given to another; empty where they cannot be told.
    pub id: String,
    /// For people.
    pub description: String,
}

impl Process {
    /// This one.
    pub fn current() -> Self {
        let number = std::process::id();
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let host = host.trim();
        let on_host = if host.is_empty() { String::new() } else { format!(" on {host}") };
        Self {
            machine: machine().unwrap_or_default(),
            id: began(number).map(|began| format!("{number}:{began}")).unwrap_or_default(),
            description: format!("process {number}{on_host}"),
        }
    }
}

/// Whether a process of [`Process::machine`] and [`Process::id`] has certainly ended.
pub fn has_ended(machine_of_it: &str, id: &str) -> bool {
    let is_here = !machine_of_it.is_empty() && machine().as_deref() == Some(machine_of_it);
    let Some((number, began_at)) = id.split_once(':').filter(|_| is_here) else { return false };
    let Ok(number) = number.parse() else { return false };
    began(number).as_deref() != Some(began_at)
}

/// Whether a process of [`Process::machine`] and [`Process::id`] certainly lives.
pub fn certainly_lives(machine_of_it: &str, id: &str) -> bool {
    let is_here = !machine_of_it.is_empty() && machine().as_deref() == Some(machine_of_it);
    let Some((number, began_at)) = id.split_once(':').filter(|_| is_here) else { return false };
    number.parse().is_ok_and(|number| began(number).as_deref() == Some(began_at))
}

/// The boot of this machine, and the namespace that numbers of processes belong to.
fn machine() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", boot.trim(), namespace.display()))
}

/// When a process began, in the kernel's ticks; `None` where it is none, or has ended and only waits to be collected.
fn began(number: u32) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    // The name before it, in parentheses, may hold anything.
    let (_, fields) = text.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?;
    let began = fields.nth(18)?;
    (!matches!(state, "Z" | "X")).then(|| began.to_owned())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn this_process_lives() {
        let Process { machine, id, description } = Process::current();
        assert!(!has_ended(&machine, &id) && certainly_lives(&machine, &id));
        assert!(description.starts_with("process "));
        // Its number, given to a later process.
        let number = std::process::id();
        assert!(has_ended(&machine, &format!("{number}:1")));
    }

    #[test]
    fn a_process_that_was_killed_has_ended_before_anybody_collects_it() {
        let machine = Process::current().machine;
        let mut child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
        let id = format!("{}:{}", child.id(), began(child.id()).unwrap());
        assert!(!has_ended(&machine, &id));
        child.kill().unwrap();
        while !has_ended(&machine, &id) {
            std::thread::yield_now();
        }
        child.wait().unwrap();
        assert!(has_ended(&machine, &id));
    }

    #[test]
    fn of_another_machine_nothing_is_known() {
        let Process { machine, id, .. } = Process::current();
        for (machine, id) in
            [("", "1:1"), ("other pid:[1]", "1:1"), (&machine, ""), (&*machine, "x")]
        {
            assert!(!has_ended(machine, id) && !certainly_lives(machine, id), "{machine} {id}");
        }
        assert!(!id.is_empty());
    }
}
