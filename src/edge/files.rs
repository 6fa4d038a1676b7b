//! Files that a command writes for others to read: whole or not at all, or added to at their end.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Whether a file could be written there, before the work that it is to tell of is done.
pub(crate) fn could_write(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    if path.exists() {
        return Ok(());
    }
    let path = followed(path);
    let folder = folder_of(&path);
    if !fs::metadata(folder)?.is_dir() {
        return Err(io::Error::from(io::ErrorKind::NotADirectory));
    }
    Ok(())
}

/// The place that a path names, however it is spelled; the path itself where its folder is not there.
pub(crate) fn place(path: &Path) -> PathBuf {
    let path = followed(path);
    match (fs::canonicalize(folder_of(&path)), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path,
    }
}

/// Whether a file there can be replaced: it is none yet, or one with a place of its own. A pipe, a terminal, a stream of this
/// process can only be added to.
pub(crate) fn is_replaceable(path: &Path) -> bool {
    fs::metadata(path).map_or(true, |found| found.is_file() && stream(&found).is_none())
}

/// Writes the file beside its place and moves it there: no reader sees the half of it. Links are followed and stay. What is no
/// file, such as a pipe, is written to as it is, and so is what this process has for its stdout or stderr.
pub(crate) fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    readable_by_others(&mut builder);
    write_by(builder, path, text)
}

fn write_by(mut builder: tempfile::Builder<'_, '_>, path: &Path, text: &str) -> io::Result<()> {
    if let Ok(found) = fs::metadata(path) {
        if let Some(mut stream) = stream(&found) {
            return stream.write_all(text.as_bytes());
        }
        if !found.is_file() {
            return fs::write(path, text);
        }
    }
    let path = followed(path);
    let folder = folder_of(&path);
    let mut file = builder.prefix(".aksreboot-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

/// As [`write_whole`], for its owner's eyes only.
pub(crate) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    // Temporary files are made for their owner alone.
    write_by(tempfile::Builder::new(), path, text)
}

/// A whole text file, if it has no more than `most` bytes.
pub(crate) fn read_whole(path: &Path, most: u64) -> io::Result<String> {
    let mut text = String::new();
    let read = fs::File::open(path)?
        .take(most + 1)
        .read_to_string(&mut text)?;
    if read as u64 > most {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    Ok(text)
}

/// Writes a file of a name of its own into `folder`, which stays.
pub(crate) fn write_named(
    folder: &Path,
    prefix: &str,
    suffix: &str,
    text: &str,
) -> io::Result<PathBuf> {
    let mut builder = tempfile::Builder::new();
    readable_by_others(&mut builder);
    let mut file = builder.prefix(prefix).suffix(suffix).tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    let (_, path) = file.keep().map_err(|error| error.error)?;
    fs::canonicalize(path)
}

/// Adds to the end of a file that somebody else began; `text` gets the number of bytes that are there already.
pub(crate) fn append(path: &Path, text: impl FnOnce(u64) -> String) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    let there = file.metadata()?.len();
    file.write_all(text(there).as_bytes())
}

/// Where the links lead that stand at the path's end.
fn followed(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // As many as Linux follows.
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(next) => path = folder_of(&path).join(next),
            Err(_) => break,
        }
    }
    path
}

/// This process's stdout or stderr, where that is the file. It is written to by its own descriptor, which knows how far the
/// others have written.
fn stream(found: &fs::Metadata) -> Option<fs::File> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        use std::os::unix::fs::MetadataExt as _;
        let streams = [
            io::stdout().as_fd().try_clone_to_owned(),
            io::stderr().as_fd().try_clone_to_owned(),
        ];
        let mut streams = streams.into_iter().flatten().map(fs::File::from);
        streams.find(|stream| {
            stream
                .metadata()
                .is_ok_and(|stream| (stream.dev(), stream.ino()) == (found.dev(), found.ino()))
        })
    }
    #[cfg(not(unix))]
    {
        let _ = found;
        None
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// As a file that a program opens by itself: what the user's mask leaves of it. Temporary files are for their owner alone.
fn readable_by_others(builder: &mut tempfile::Builder<'_, '_>) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = builder;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.xml");
        fs::write(&path, "old and longer").expect("written");
        write_whole(&path, "new").expect("written");
        assert_eq!(fs::read_to_string(&path).expect("read"), "new");
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).expect("metadata").permissions().mode();
            assert_eq!(mode & 0o600, 0o600);
            assert_ne!(mode & 0o044, 0, "a later step may be another user");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_and_stays() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("reports")).expect("a folder");
        for (link, target) in [
            ("there", "reports/there.xml"),
            ("not-yet", "reports/not-yet.xml"),
        ] {
            symlink(target, path(link)).expect("a link");
        }
        symlink("there", path("by-two")).expect("a link");
        symlink("nowhere/a.xml", path("astray")).expect("a link");
        fs::write(path("reports/there.xml"), "old").expect("written");
        for (link, target) in [
            ("there", "reports/there.xml"),
            ("by-two", "reports/there.xml"),
            ("not-yet", "reports/not-yet.xml"),
        ] {
            could_write(&path(link)).expect("it can be written");
            write_whole(&path(link), link).expect("written");
            assert!(path(link).is_symlink(), "{link}");
            assert_eq!(fs::read_to_string(path(target)).expect("read"), link);
        }
        assert!(could_write(&path("astray")).is_err());
        assert_eq!(
            fs::read_dir(path("reports")).expect("listed").count(),
            2,
            "nothing is left beside them"
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_written_to_and_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/null", &link).expect("a link");
        write_whole(&link, "gone").expect("written");
        write_whole(Path::new("/dev/null"), "gone").expect("written");
        assert!(link.is_symlink());
        assert!(!fs::metadata("/dev/null").expect("there").is_file());
        assert!(!is_replaceable(&link));
        assert!(is_replaceable(&folder.path().join("none-yet")));
    }

    #[test]
    fn one_place_is_known_by_all_its_spellings() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("a")).expect("a folder");
        assert_eq!(place(&path("report")), place(&path("a/../report")));
        assert_eq!(place(Path::new("report")), place(Path::new("./report")));
        assert_ne!(place(&path("report")), place(&path("a/report")));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("report", path("link")).expect("a link");
            assert_eq!(place(&path("link")), place(&path("report")));
        }
    }

    #[test]
    fn a_private_file_is_for_its_owner_alone_and_a_large_one_is_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("plan.json");
        fs::write(&path, "old").expect("written");
        write_private(&path, "new").expect("written");
        assert_eq!(read_whole(&path, 3).expect("read"), "new");
        assert_eq!(
            read_whole(&path, 2).map_err(|error| error.kind()),
            Err(io::ErrorKind::FileTooLarge)
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).expect("metadata").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_is_known_before() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(could_write(&folder.path().join("a")).is_ok());
        assert!(could_write(Path::new("report.xml")).is_ok());
        assert!(could_write(folder.path()).is_err());
        assert!(could_write(&folder.path().join("nowhere/a")).is_err());
        let file = folder.path().join("file");
        fs::write(&file, "").expect("written");
        assert!(could_write(&file.join("a")).is_err());
    }

    #[test]
    fn what_is_added_knows_what_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("summary.md");
        append(&path, |there| format!("{there};")).expect("written");
        append(&path, |there| format!("{there};")).expect("written");
        assert_eq!(fs::read_to_string(&path).expect("read"), "0;2;");
    }
}
