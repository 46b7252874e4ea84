//! A slab whose keys carry a generation.

use super::Key;

/// Values in stable places, named by keys that find nothing once their value was removed.
#[derive(Debug)]
pub struct Arena<T> {
    places: Vec<Place<T>>,
    free: Option<u32>,
    len: usize,
}

#[derive(Debug)]
struct Place<T> {
    generation: u32,
    content: Content<T>,
}

#[derive(Debug)]
enum Content<T> {
    Value(T),
    Free { next: Option<u32> },
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Arena { places: Vec::new(), free: None, len: 0 }
    }
}

impl<T> Arena<T> {
    /// An empty arena that has allocated nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many values are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no value is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts `value` in a free place.
    ///
    /// # Panics
    /// With more than 2^32 places, which no memory holds.
    pub fn insert(&mut self, value: T) -> Key {
        self.len += 1;
        if let Some(index) = self.free
            && let Some(place) = self.places.get_mut(index as usize)
            && let Content::Free { next } = place.content
        {
            self.free = next;
            place.content = Content::Value(value);
            return Key::new(index, place.generation);
        }
        #[expect(clippy::expect_used, reason = "2^32 values do not fit in memory")]
        let index = u32::try_from(self.places.len()).expect("fewer than 2^32 places");
        self.places.push(Place { generation: 0, content: Content::Value(value) });
        Key::new(index, 0)
    }

    /// The value under `key`, unless it was removed.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<&T> {
        match self.places.get(key.index() as usize) {
            Some(Place { generation, content: Content::Value(value) })
                if *generation == key.generation() =>
            {
                Some(value)
            }
            _ => None,
        }
    }

    /// The value under `key`, unless it was removed.
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        match self.places.get_mut(key.index() as usize) {
            Some(Place { generation, content: Content::Value(value) })
                if *generation == key.generation() =>
            {
                Some(value)
            }
            _ => None,
        }
    }

    /// Takes the value under `key` out; the key and its copies find nothing from then on.
    pub fn remove(&mut self, key: Key) -> Option<T> {
        self.get(key)?;
        let place = self.places.get_mut(key.index() as usize)?;
        place.generation = (place.generation + 1) % Key::GENERATIONS;
        let content = std::mem::replace(&mut place.content, Content::Free { next: self.free });
        self.free = Some(key.index());
        self.len -= 1;
        match content {
            Content::Value(value) => Some(value),
            Content::Free { .. } => None,
        }
    }

    /// All values with their keys, in the order of their places.
    pub fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        self.places.iter().enumerate().filter_map(|(index, place)| match &place.content {
            #[expect(clippy::cast_possible_truncation, reason = "insert keeps indices below 2^32")]
            Content::Value(value) => Some((Key::new(index as u32, place.generation), value)),
            Content::Free { .. } => None,
        })
    }

    /// The keys of all values, in the order of their places.
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        self.iter().map(|(key, _)| key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_finds_nothing_after_its_value_was_removed() {
        let mut arena = Arena::new();
        let first = arena.insert("first");
        assert_eq!(arena.remove(first), Some("first"));
        let second = arena.insert("second");
        assert_eq!(second.index(), first.index());
        assert_eq!(arena.get(first), None);
        assert_eq!(arena.remove(first), None);
        assert_eq!(arena.get(second), Some(&"second"));
        assert_eq!(arena.len(), 1);
    }

    #[test]
    fn places_are_used_again() {
        let mut arena = Arena::new();
        for round in 0..3 {
            let keys: Vec<_> = (0..100).map(|n| arena.insert(n + round)).collect();
            assert_eq!(arena.iter().count(), 100);
            for key in keys {
                arena.remove(key);
            }
        }
        assert!(arena.is_empty());
        assert_eq!(arena.places.len(), 100);
    }
}
