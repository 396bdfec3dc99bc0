// Stands in for @capacitor/preferences: the same functions over memory.

const store = new Map();

export const Preferences = {
  get: async ({ key }) => ({ value: store.get(key) ?? null }),
  set: async ({ key, value }) => void store.set(key, value),
};
