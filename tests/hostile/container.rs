//! The properties of every input that is read as a file. The fuzzer and the replay of its corpus check them.

use std::io::Cursor;
use std::sync::Arc;

use plugbox_loader::inspect::{self, HostProfile, Manifest, Requirements, Verdict, judge};

pub(crate) fn check(bytes: &[u8]) {
    let image = inspect::image_of(&mut Cursor::new(bytes));
    // A host without interfaces: no library fits it.
    let mut manifest = Manifest::default();
    manifest.builds = vec![Arc::default()];
    let container = inspect::Container::of_this_process();
    let host = HostProfile::of_image(inspect::Image::of_records(container, manifest)).expect("it has a build record");
    let linkage = inspect::linkage_of(&mut Cursor::new(bytes));
    for reason in inspect::judge_linkage(&host, linkage.as_ref()) {
        assert!(reason.to_string().len() < 1 << 12);
    }
    let needed = linkage.iter().flat_map(|linkage| linkage.needed.iter().map(move |name| (linkage, name)));
    for (linkage, name) in needed {
        let reason = inspect::judge_needed(linkage, name, |_| false);
        assert!(reason.is_none_or(|reason| reason.to_string().len() < 1 << 13));
    }
    let verdict = judge(&host, image.as_ref(), &Requirements::default());
    assert!(!matches!(verdict, Verdict::Fits));
    for reason in verdict.reasons() {
        assert!(reason.to_string().len() < 1 << 22);
    }
    if let Err(error) = &image {
        assert!(error.to_string().len() < 1 << 12);
    }
    // A host with the library's own interfaces: differences are compared down to the field.
    let Ok(image) = image else { return };
    if let Ok(manifest) = &image.manifest {
        let side = (&image.container, manifest);
        assert_eq!(inspect::differences(side, side), []);
    }
    let Ok(host) = HostProfile::of_image(image.clone()) else { return };
    for reason in judge(&host, Ok(&image), &Requirements::default()).reasons() {
        assert!(reason.to_string().len() < 1 << 16);
    }
}
