// Stands in for what a proxy.js uses of next/server, on the web's own types as there.

export class NextRequest extends Request {
  get nextUrl() {
    return new URL(this.url);
  }
}

export const NextResponse = {
  next: () => new Response(null, { headers: { "x-middleware-next": "1" } }),
  redirect: (url) => new Response(null, { status: 307, headers: { location: String(url) } }),
};
