// Stands in for next/navigation: it ends the rendering, as there.

export function redirect(path) {
  throw Object.assign(new Error("a redirect"), { path });
}
