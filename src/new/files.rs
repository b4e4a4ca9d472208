//! The files of a new project: all of them, or none.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Problem;

/// Checks that nothing would be overwritten.
///
/// # Errors
///
/// The path is taken: it is a file, or a folder with contents. (A repository without files is no content.)
pub(super) fn must_be_free(folder: &Path) -> Result<(), Problem> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(folder).is_err() => return Ok(()),
        entries => entries.map_err(|error| format!("{} is no empty folder: {error}", folder.display()))?,
    };
    for entry in entries {
        let name = entry.map_err(|error| format!("cannot list {}: {error}", folder.display()))?.file_name();
        if name != ".git" {
            let name = name.to_string_lossy().into_owned();
            return Err(format!("{} is not empty: it has `{name}`; choose another path", folder.display()).into());
        }
    }
    Ok(())
}

/// Writes files into a folder, each with its path there. If one cannot be written, it removes what it has made.
pub(super) fn write(folder: &Path, files: &[(String, String)]) -> Result<(), Problem> {
    let mut made = Vec::new();
    let written = files.iter().try_for_each(|(path, text)| {
        let path = folder.join(path);
        make_folder(path.parent().unwrap_or(folder), &mut made)
            .and_then(|()| {
                let mut file = File::create_new(&path)?;
                made.push(path.clone());
                file.write_all(text.as_bytes())
            })
            .map_err(|error| format!("cannot make {}: {error}", path.display()))
    });
    if written.is_err() {
        for path in made.iter().rev() {
            _ = if path.is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) };
        }
    }
    Ok(written?)
}

/// Makes a folder and those above it, and notes the new ones.
fn make_folder(folder: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make_folder(above, made)?;
    }
    fs::create_dir(folder)?;
    made.push(folder.to_owned());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_completed_is_removed() {
        let place = tempfile::tempdir().unwrap();
        let project = place.path().join("new/project");
        let files = ["a/b/one", "two", "a/b"].map(|path| (path.to_owned(), "text".to_owned()));
        let problem = write(&project, &files).unwrap_err().to_string();
        assert!(problem.starts_with(&format!("cannot make {}: ", project.join("a/b").display())), "{problem}");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
        // What was there stays.
        fs::create_dir_all(project.join("a")).unwrap();
        fs::write(project.join("mine"), "mine").unwrap();
        write(&project, &files).unwrap_err();
        assert_eq!(fs::read_dir(project.join("a")).unwrap().count(), 0);
        assert_eq!(fs::read_to_string(project.join("mine")).unwrap(), "mine");
        write(&project, &files[..2]).unwrap();
        assert_eq!(fs::read_to_string(project.join("a/b/one")).unwrap(), "text");
    }
}
