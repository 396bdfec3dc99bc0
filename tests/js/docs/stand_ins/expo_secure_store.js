// Stands in for expo-secure-store: the same functions over memory.

const store = new Map();

export const getItem = (key) => store.get(key) ?? null;
export const setItem = (key, value) => void store.set(key, value);
export const deleteItemAsync = async (key) => void store.delete(key);
