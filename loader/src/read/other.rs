//! The names of files that are mistaken for libraries.

/// What a file is that is no object file, by its first bytes.
pub(super) fn describe(first: &[u8]) -> &'static str {
    let starts: [(&[u8], &str); 15] = [
        (b"!<arch>\n", "the file is an archive of object files (a static library or an `.rlib`), not a shared library"),
        (b"!<thin>\n", "the file is an archive of object files (a static library), not a shared library"),
        (b"rust\0", "the file is compiler metadata (an `.rmeta`), not a shared library"),
        (b"\x1f\x8b", "the file is compressed with gzip: unpack it"),
        (b"BZh", "the file is compressed with bzip2: unpack it"),
        (b"\xfd7zXZ\0", "the file is compressed with xz: unpack it"),
        (b"\x28\xb5\x2f\xfd", "the file is compressed with zstd: unpack it"),
        (b"PK\x03\x04", "the file is a zip archive: unpack it"),
        (b"/* GNU ld script", "the file is a linker script, which only names the libraries"),
        (b"INPUT", "the file is a linker script, which only names the libraries"),
        (b"GROUP", "the file is a linker script, which only names the libraries"),
        (b"version https://git-lfs", "the file is a pointer of Git LFS, not its contents: `git lfs pull` gets them"),
        (b"<!DOCTYPE", "the file is a web page, such as the error page of a failed download"),
        (b"<html", "the file is a web page, such as the error page of a failed download"),
        (b"#!", "the file is a script"),
    ];
    if first.is_empty() {
        return "the file is empty";
    }
    if let Some((_, what)) = starts.iter().find(|(start, _)| first.starts_with(start)) {
        return what;
    }
    if first.get(257..262) == Some(b"ustar") {
        return "the file is a tar archive: unpack it";
    }
    if first.iter().all(|byte| *byte == 0) {
        return "the file begins with zeros, as after a copy that failed";
    }
    let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace() || !byte.is_ascii();
    // The last character may be cut.
    let end = first.len().saturating_sub(3);
    if first.iter().all(is_text) && std::str::from_utf8(first).map_or_else(|error| error.valid_up_to(), str::len) >= end
    {
        return "the file is a text, not an object file";
    }
    "the first bytes are not those of an object file"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mistaken_for_a_library_is_called_by_its_name() {
        let tar = [&[b'a'; 257][..], b"ustar\0"].concat();
        for (first, what) in [
            (&b""[..], "is empty"),
            (b"!<arch>\n/  ", "an archive of object files (a static library or an `.rlib`)"),
            (b"\x1f\x8b\x08\0", "gzip"),
            (b"PK\x03\x04\x14", "zip archive"),
            (b"\x28\xb5\x2f\xfd\0", "zstd"),
            (b"/* GNU ld script\nGROUP ( /lib/libc.so.6 )", "linker script"),
            (b"INPUT(-lncurses)\n", "linker script"),
            (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
            (b"<!DOCTYPE html>", "web page"),
            (b"#!/bin/sh\n", "script"),
            (&tar, "tar archive"),
            (&[0; 64], "zeros"),
            (b"[package]\nname = \"\xc3\xa4\"\n", "is a text"),
            // The buffer ends inside of a character.
            (b"Gr\xc3\xbc\xc3", "is a text"),
            (b"\x01\x02\x03", "the first bytes are not"),
            (b"\xff\xfe\xfd\xfc\xfb", "the first bytes are not"),
            (b"ustar", "is a text"),
        ] {
            assert!(describe(first).contains(what), "{first:?}: {}", describe(first));
        }
    }
}
