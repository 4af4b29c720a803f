//! What a path may be, said again in other words than the program's.

use std::path::{Component, Path};
use takeback::model::{ArchivePath, Base, Location, RelPath};

/// Fails unless the path is a plain one: joined to any directory it stays below it.
#[track_caller]
pub(crate) fn check_rel(rel: &RelPath) {
    let text = rel.as_str();
    assert!(text.len() <= 1024, "a path of {} bytes", text.len());
    assert!(
        !text.chars().any(|c| c.is_ascii_control() || c == '\\'),
        "{text:?}"
    );
    let components: Vec<Component<'_>> = Path::new(text).components().collect();
    let plain = |component: &Component<'_>| matches!(component, Component::Normal(_));
    assert!(components.iter().all(plain), "{text:?}");
    // Nothing was folded away on the way: no empty component, no `.`.
    let again: Vec<&str> = components
        .iter()
        .filter_map(|component| component.as_os_str().to_str())
        .collect();
    assert_eq!(again.join("/"), text);
    assert!(again.len() <= 64, "{text:?}");
    let joined = Path::new("/base").join(rel.as_path());
    assert!(joined.starts_with("/base"), "{text:?}");
}

/// The same for a path with its base; its text must lead back to it.
#[track_caller]
pub(crate) fn check_path(path: &ArchivePath) {
    check_rel(path.rel());
    check_base(path.base());
    assert_eq!(ArchivePath::parse(&path.to_string()).as_ref(), Ok(path));
}

/// The same for a location.
#[track_caller]
pub(crate) fn check_location(place: &Location) {
    check_path(&ArchivePath::new(place.base.clone(), place.path.clone()));
}

#[track_caller]
fn check_base(base: &Base) {
    if let Base::Variable(name) = base {
        assert!((1..=64).contains(&name.len()), "{name:?}");
        let legal = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        assert!(name.chars().all(legal), "{name:?}");
    }
}
