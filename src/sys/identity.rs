//! Whose rights a process has, and which folder is its root.

use std::{
    ffi::{CStr, CString},
    io,
};

use super::errno::check;

/// What a process is to become, looked up while names can be: later its root may be another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    user: Option<(libc::uid_t, CString)>,
    group: Option<libc::gid_t>,
    root: Option<CString>,
}

/// What there is not: which option, and what it said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} '{name}'")]
pub struct Unknown {
    what: &'static str,
    name: String,
}

impl Identity {
    /// Looks names up; a user brings their first group along.
    ///
    /// # Errors
    /// For a name that the system does not know.
    pub fn look_up(
        user: Option<&[u8]>,
        group: Option<&[u8]>,
        root: Option<&[u8]>,
    ) -> Result<Identity, Unknown> {
        let text = |what, name: &[u8]| {
            let unknown = Unknown { what, name: String::from_utf8_lossy(name).into_owned() };
            CString::new(name).map_err(|_| unknown.clone()).map(|text| (text, unknown))
        };
        let mut identity = Identity::default();
        if let Some(user) = user {
            let (name, unknown) = text("user", user)?;
            let (uid, gid) = user_of(&name).ok_or(unknown)?;
            identity.user = Some((uid, name));
            identity.group = Some(gid);
        }
        if let Some(group) = group {
            let (name, unknown) = text("group", group)?;
            identity.group = Some(group_of(&name).ok_or(unknown)?);
        }
        if let Some(root) = root {
            identity.root = Some(text("folder", root)?.0);
        }
        Ok(identity)
    }

    /// Nothing is to change.
    #[must_use]
    pub fn is_same(&self) -> bool {
        *self == Identity::default()
    }

    /// Changes root folder, groups and user, in this order: for good. What fails does not keep the
    /// rest from changing. The parent-death signal is gone afterwards.
    ///
    /// # Errors
    /// What failed first: `EPERM` above all, for only root may.
    pub fn take_on(&self) -> io::Result<()> {
        // Groups are looked up while the old root still has their file.
        let groups = self.user.as_ref().map_or(Ok(0), |(_, name)| {
            let gid = self.group.unwrap_or_default();
            // SAFETY: the name is NUL-terminated and lives during the call.
            check(unsafe { libc::initgroups(name.as_ptr(), gid as _) })
        });
        let root = self.root.as_ref().map_or(Ok(()), |root| {
            // SAFETY: as above.
            check(unsafe { libc::chroot(root.as_ptr()) })?;
            std::env::set_current_dir("/")
        });
        // SAFETY: takes a number, touches no memory.
        let group = self.group.map_or(Ok(0), |gid| check(unsafe { libc::setgid(gid) }));
        let user = self.user.as_ref().map_or(Ok(0), |(uid, _)| {
            // SAFETY: takes a number, touches no memory.
            check(unsafe { libc::setuid(*uid) })
        });
        groups.map(drop).and(root).and(group.map(drop)).and(user.map(drop))
    }
}

fn user_of(name: &CStr) -> Option<(libc::uid_t, libc::gid_t)> {
    // SAFETY: the name lives during the call; the loop's thread is the only one that asks.
    let entry = unsafe { libc::getpwnam(name.as_ptr()) };
    // SAFETY: null or a live entry until the next question.
    let entry = unsafe { entry.as_ref() }?;
    Some((entry.pw_uid, entry.pw_gid))
}

fn group_of(name: &CStr) -> Option<libc::gid_t> {
    // SAFETY: the name lives during the call; the loop's thread is the only one that asks.
    let entry = unsafe { libc::getgrnam(name.as_ptr()) };
    // SAFETY: null or a live entry until the next question.
    let entry = unsafe { entry.as_ref() }?;
    Some(entry.gr_gid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up() {
        let root = Identity::look_up(Some(b"root"), None, Some(b"/tmp")).unwrap();
        assert_eq!(root.user.as_ref().map(|(uid, _)| *uid), Some(0));
        assert_eq!(root.group, Some(0));
        assert!(!root.is_same() && Identity::look_up(None, None, None).unwrap().is_same());
        let unknown = Identity::look_up(None, Some(b"no such group"), None).unwrap_err();
        assert_eq!(unknown.to_string(), "there is no group 'no such group'");
    }
}
