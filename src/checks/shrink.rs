//! The smallest part of a list that still has a property: by halves, so that a long list costs its logarithm where little
//! of it is needed (the method known as QuickXplain).

/// What of `items` must be kept for `enough` to hold; nothing of it can then be left out. Earlier items are kept rather
/// than later ones. `enough` holds of all items and of every list that contains one of which it holds; where it does not,
/// the result is still enough.
pub(crate) fn shrink<T: Copy>(items: &[T], mut enough: impl FnMut(&[T]) -> bool) -> Vec<T> {
    if enough(&[]) {
        return Vec::new();
    }
    needed(&mut Vec::new(), items, false, &mut enough)
}

/// What of `items` is needed beside `kept`, which was found wanting, unless it is `fresh`: something was added since.
fn needed<T: Copy>(kept: &mut Vec<T>, items: &[T], fresh: bool, enough: &mut impl FnMut(&[T]) -> bool) -> Vec<T> {
    if items.is_empty() || (fresh && enough(kept)) {
        return Vec::new();
    }
    if let [only] = items {
        return vec![*only];
    }
    let (first, second) = items.split_at(items.len() / 2);
    let mut of_second = with(kept, first, |kept| needed(kept, second, true, enough));
    let fresh = !of_second.is_empty();
    let mut found = with(kept, &of_second.clone(), |kept| needed(kept, first, fresh, enough));
    found.append(&mut of_second);
    found
}

fn with<T: Copy, R>(kept: &mut Vec<T>, more: &[T], body: impl FnOnce(&mut Vec<T>) -> R) -> R {
    let before = kept.len();
    kept.extend_from_slice(more);
    let result = body(kept);
    kept.truncate(before);
    result
}

#[cfg(test)]
mod tests {
    use super::shrink;

    #[test]
    fn what_is_needed_stays_and_nothing_else() {
        for needed in [vec![], vec![3], vec![0, 9], vec![2, 3, 4], (0..10).collect()] {
            let items: Vec<i32> = (0..10).collect();
            let mut asked = 0;
            let found = shrink(&items, |kept| {
                asked += 1;
                needed.iter().all(|item| kept.contains(item))
            });
            assert_eq!(found, needed);
            assert!(asked <= 40, "{asked} for {needed:?}");
        }
        let long: Vec<i32> = (0..1000).collect();
        let mut asked = 0;
        let found = shrink(&long, |kept| {
            asked += 1;
            kept.contains(&7)
        });
        assert_eq!((found, asked < 25), (vec![7], true));
    }

    #[test]
    fn of_two_that_each_suffice_the_earlier_is_kept() {
        assert_eq!(shrink(&[1, 2, 3, 4], |kept| kept.iter().any(|item| *item > 1)), [2]);
    }
}
