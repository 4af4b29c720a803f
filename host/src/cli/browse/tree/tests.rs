//! Trees of a few files.

use super::*;

fn leaf(class: Class, path: &str) -> Leaf {
    Leaf {
        class,
        path: ArchivePath::parse(path).unwrap(),
        link: false,
        size: 10,
        modified: 5,
    }
}

fn tree() -> Tree {
    let leaves = [
        leaf(Class::Settings, "home/.claude/settings.json"),
        leaf(Class::Instructions, "home/.claude/CLAUDE.md"),
        leaf(Class::Skills, "home/.claude/skills/one/SKILL.md"),
        leaf(Class::Skills, "home/.claude/skills/one/run.sh"),
        leaf(Class::Skills, "home/.claude/skills/two/SKILL.md"),
        leaf(Class::Memory, "home/.claude/skills/two/notes.md"),
    ];
    let target = TargetId::new("claude").unwrap();
    Tree::new(target, &leaves, &|_| "~".to_owned())
}

fn find(tree: &Tree, name: &str) -> At {
    let found = tree.nodes.iter().position(|node| node.name == name);
    found.unwrap_or_else(|| panic!("no {name}"))
}

fn paths(chosen: &Chosen) -> Vec<String> {
    match chosen {
        Chosen::Paths(paths) => paths.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn classes_hold_directories_and_directories_files() {
    let tree = tree();
    let root = tree.node(0);
    assert_eq!((root.files, root.bytes), (6, 60));
    let names: Vec<&str> = root
        .children
        .iter()
        .map(|at| tree.node(*at).name.as_str())
        .collect();
    assert_eq!(names, ["settings", "instructions", "skills", "memory"]);
    let skills = tree.node(root.children[2]);
    assert_eq!(skills.files, 3);
    let below = tree.node(skills.children[0]);
    assert_eq!(below.name, "~/.claude/skills");
    assert_eq!(below.children.len(), 2);
    let run = find(&tree, "run.sh");
    assert_eq!(
        tree.way(run),
        ["skills", "~/.claude/skills", "one", "run.sh"]
    );
    assert_eq!(tree.inside(root.children[2]), Some(skills.children[0]));
    assert_eq!(tree.inside(run), None);
}

#[test]
fn picking_a_directory_picks_what_is_in_it_and_nothing_else() {
    let mut tree = tree();
    let one = find(&tree, "one");
    tree.toggle(one);
    assert_eq!(tree.picked(), 2);
    assert_eq!(paths(&tree.chosen()), ["home/.claude/skills/one"]);
    // The same directory holds a file of another class, which was not picked.
    let two = find(&tree, "two");
    tree.toggle(two);
    tree.toggle(one);
    assert_eq!(paths(&tree.chosen()), ["home/.claude/skills/two/SKILL.md"]);
    tree.toggle(two);
    assert_eq!(tree.picked(), 0);
}

#[test]
fn whole_classes_and_whole_targets_are_named_as_such() {
    let mut tree = tree();
    let skills = find(&tree, "skills");
    tree.toggle(skills);
    assert_eq!(tree.chosen(), Chosen::Classes(vec![Class::Skills]));
    tree.toggle(0);
    assert_eq!(tree.chosen(), Chosen::Everything);
    tree.toggle(0);
    assert_eq!(tree.picked(), 0);
    let settings = find(&tree, "settings.json");
    assert_eq!(tree.only(settings), Chosen::Classes(vec![Class::Settings]));
    let run = find(&tree, "run.sh");
    assert_eq!(paths(&tree.only(run)), ["home/.claude/skills/one/run.sh"]);
}

#[test]
fn what_differs_is_counted_all_the_way_up() {
    let mut tree = tree();
    let run = find(&tree, "run.sh");
    let path = tree.node(run).path.clone().unwrap();
    tree.compared(&BTreeMap::from([(path, Fate::Gone)]), 2);
    assert_eq!(tree.node(run).fate, Some(Fate::Gone));
    assert_eq!(tree.node(find(&tree, "one")).differing, 1);
    assert_eq!(tree.node(find(&tree, "two")).differing, 0);
    assert_eq!((tree.node(0).differing, tree.only_here), (1, 2));
}
