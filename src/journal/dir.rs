//! Directories and files that belong to the user alone.
//!
//! Everything is opened relative to a held directory and without following symbolic links, so nobody can swap a part
//! of the path between a check and its use.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::error::JournalError;

const FILE_MODE: Mode = Mode::RUSR.union(Mode::WUSR);
const DIR_MODE: Mode = Mode::RWXU;
/// No waiting on a pipe that stands where a file was due, no following of links, nothing inherited by children.
const FILE_FLAGS: OFlags =
    OFlags::RDWR.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);
const DIR_FLAGS: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// Longest id that names a file or directory.
const LONGEST_NAME: usize = 128;

/// A directory of mode 0700, held open.
#[derive(Debug)]
pub(super) struct PrivateDir {
    fd: OwnedFd,
    path: PathBuf,
}

impl PrivateDir {
    /// Opens the state directory itself, creating it and its parents where they are missing.
    pub(super) fn create_root(path: &Path) -> Result<Self, JournalError> {
        DirBuilder::new()
            .recursive(true)
            .mode(DIR_MODE.bits())
            .create(path)
            .map_err(JournalError::io("create", path))?;
        Self::open_root(path)?.ok_or_else(|| JournalError::NotPlain { path: path.to_owned() })
    }

    /// Opens the state directory, if there is one.
    pub(super) fn open_root(path: &Path) -> Result<Option<Self>, JournalError> {
        let opened = rustix::fs::open(path, DIR_FLAGS, Mode::empty());
        Self::held(opened, path.to_owned())
    }

    /// Opens a directory inside this one, creating it where it is missing.
    pub(super) fn create_child(&self, name: &str) -> Result<Self, JournalError> {
        let path = self.at(name)?;
        match rustix::fs::mkdirat(&self.fd, name, DIR_MODE) {
            // a umask can take rights away that the owner needs
            Ok(()) => rustix::fs::chmodat(&self.fd, name, DIR_MODE, AtFlags::empty())
                .map_err(JournalError::os("protect", &path))
                .and_then(|()| self.sync())?,
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(JournalError::os("create", &path)(errno)),
        }
        self.child(name)?.ok_or(JournalError::NotPlain { path })
    }

    /// Opens a directory inside this one, if it is there.
    pub(super) fn child(&self, name: &str) -> Result<Option<Self>, JournalError> {
        let path = self.at(name)?;
        Self::held(rustix::fs::openat(&self.fd, name, DIR_FLAGS, Mode::empty()), path)
    }

    fn held(opened: Result<OwnedFd, Errno>, path: PathBuf) -> Result<Option<Self>, JournalError> {
        let fd = match opened {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP | Errno::NOTDIR) => return Err(JournalError::NotPlain { path }),
            Err(errno) => return Err(JournalError::os("open", &path)(errno)),
        };
        make_private(&fd, &path, FileType::Directory, DIR_MODE)?;
        Ok(Some(Self { fd, path }))
    }

    /// Opens a file for reading and writing, if it is there.
    pub(super) fn open(&self, name: &str) -> Result<Option<File>, JournalError> {
        self.open_with(name, OFlags::empty())
    }

    /// Opens a file for reading and writing, creating it where it is missing.
    pub(super) fn open_or_create(&self, name: &str) -> Result<File, JournalError> {
        let path = self.at(name)?;
        let file = self.open_with(name, OFlags::CREATE)?.ok_or(JournalError::NotPlain { path })?;
        self.sync()?;
        Ok(file)
    }

    /// Creates a file that must not be there yet.
    pub(super) fn create(&self, name: &str) -> Result<File, JournalError> {
        let path = self.at(name)?;
        let flags = OFlags::CREATE.union(OFlags::EXCL);
        let file = self.open_with(name, flags)?.ok_or(JournalError::NotPlain { path })?;
        if let Err(error) = self.sync() {
            // nobody was told that it is there, so the next try must not find it
            let _ = self.remove(name);
            return Err(error);
        }
        Ok(file)
    }

    fn open_with(&self, name: &str, more: OFlags) -> Result<Option<File>, JournalError> {
        let path = self.at(name)?;
        let fd = match rustix::fs::openat(&self.fd, name, FILE_FLAGS.union(more), FILE_MODE) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP | Errno::ISDIR | Errno::NXIO) => return Err(JournalError::NotPlain { path }),
            Err(errno) => return Err(JournalError::os("open", &path)(errno)),
        };
        make_private(&fd, &path, FileType::RegularFile, FILE_MODE)?;
        Ok(Some(File::from(fd)))
    }

    /// Size of a file, without opening it; `None` where there is none.
    pub(super) fn size(&self, name: &str) -> Option<u64> {
        let stat = self.stat(name).ok()?;
        u64::try_from(stat.st_size).ok()
    }

    /// The first of the names for 1, 2, 3 ... that nothing has yet.
    pub(super) fn free_name(&self, name: impl Fn(u32) -> String) -> String {
        let mut number = 1;
        while self.stat(&name(number)).is_ok() {
            number += 1;
        }
        name(number)
    }

    /// Whether `file` is still what `name` names.
    pub(super) fn names(&self, name: &str, file: &File) -> bool {
        let open = rustix::fs::fstat(file);
        matches!((self.stat(name), open), (Ok(there), Ok(open)) if (there.st_dev, there.st_ino) == (open.st_dev, open.st_ino))
    }

    fn stat(&self, name: &str) -> Result<Stat, Errno> {
        rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)
    }

    /// Puts `from` in the place of `to`.
    pub(super) fn rename(&self, from: &str, to: &str) -> Result<(), JournalError> {
        let path = self.at(to)?;
        rustix::fs::renameat(&self.fd, from, &self.fd, to).map_err(JournalError::os("replace", &path))?;
        self.sync()
    }

    /// Takes a file away.
    pub(super) fn remove(&self, name: &str) -> Result<(), JournalError> {
        let path = self.at(name)?;
        rustix::fs::unlinkat(&self.fd, name, AtFlags::empty()).map_err(JournalError::os("remove", &path))
    }

    /// Makes new names survive a power failure.
    fn sync(&self) -> Result<(), JournalError> {
        rustix::fs::fsync(&self.fd).map_err(JournalError::os("sync", &self.path))
    }

    /// Names of the directories in it that may be ids, sorted.
    pub(super) fn directories(&self) -> Result<Vec<String>, JournalError> {
        let failed = |errno| JournalError::os("list", &self.path)(errno);
        let mut names = Vec::new();
        for item in rustix::fs::Dir::read_from(&self.fd).map_err(failed)? {
            let item = item.map_err(failed)?;
            if let Ok(name) = item.file_name().to_str()
                && is_plain_name(name)
                && self
                    .stat(name)
                    .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
            {
                names.push(name.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Path of something inside, for messages; refuses names that are not plain.
    pub(super) fn at(&self, name: &str) -> Result<PathBuf, JournalError> {
        if is_plain_name(name) {
            Ok(self.path.join(name))
        } else {
            Err(JournalError::BadName { name: name.to_owned() })
        }
    }
}

/// A directory of the user alone inside of the state directory, made where it is missing; nothing is followed.
pub fn private_directory(state: &Path, name: &str) -> Result<PathBuf, JournalError> {
    Ok(PrivateDir::create_root(state)?.create_child(name)?.path)
}

/// Ids may come from a cluster: they name one file, never a path, never a hidden file.
fn is_plain_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= LONGEST_NAME && !name.starts_with('.') && name.chars().all(plain)
}

/// Checks kind and owner, and takes the rights of everyone else away, whatever umask or an earlier hand left.
fn make_private(fd: &OwnedFd, path: &Path, kind: FileType, mode: Mode) -> Result<(), JournalError> {
    let stat = rustix::fs::fstat(fd).map_err(JournalError::os("examine", path))?;
    if FileType::from_raw_mode(stat.st_mode) != kind {
        return Err(JournalError::NotPlain { path: path.to_owned() });
    }
    let own = rustix::process::geteuid().as_raw();
    if stat.st_uid != own {
        return Err(JournalError::Foreign { path: path.to_owned(), owner: stat.st_uid, own });
    }
    if Mode::from_raw_mode(stat.st_mode) != mode {
        rustix::fs::fchmod(fd, mode).map_err(JournalError::os("protect", path))?;
    }
    Ok(())
}

/// Reads a file from `offset` to its end.
pub(super) fn read_from(file: &File, offset: u64) -> io::Result<Vec<u8>> {
    use std::os::unix::fs::FileExt as _;
    let size = file.metadata()?.len();
    let mut bytes = vec![0; usize::try_from(size.saturating_sub(offset)).unwrap_or(0)];
    file.read_exact_at(&mut bytes, offset)?;
    Ok(bytes)
}
