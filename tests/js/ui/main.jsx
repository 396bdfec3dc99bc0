// A frontend of ready-made components, none of them changed: the pages of signing in below /auth, those of the account below
// /account. It finds the gateway at its own origin, or where VITE_GATEWAY says.

import {
  AccountView,
  AuthUIProvider,
  AuthView,
  RedirectToSignIn,
  SignedIn,
  UserButton,
} from "@daveyplate/better-auth-ui";
import { createAuthClient } from "better-auth/react";
import { createRoot } from "react-dom/client";
import { BrowserRouter, Link, Route, Routes, useNavigate, useParams } from "react-router";
import { Toaster } from "sonner";

import "./main.css";

const BASE = import.meta.env.BASE_URL.replace(/\/$/, "");
const gateway = new URLSearchParams(location.search).get("gateway") ?? sessionStorage.getItem("gateway") ?? undefined;
if (gateway) sessionStorage.setItem("gateway", gateway);

const authClient = createAuthClient({ baseURL: gateway });

function Providers({ children }) {
  const navigate = useNavigate();
  return (
    <AuthUIProvider
      authClient={authClient}
      navigate={(path) => navigate(path)}
      replace={(path) => navigate(path, { replace: true })}
      Link={({ href, ...rest }) => <Link to={href} {...rest} />}
      baseURL={location.origin}
      basePath={`${BASE}/auth`}
      redirectTo={`${BASE}/account/settings`}
      account={{ basePath: `${BASE}/account`, fields: ["image", "name", "company"] }}
      signUp={{ fields: ["name", "company"] }}
      additionalFields={{ company: { label: "Company", type: "string" } }}
      avatar
      deleteUser
      social={{ providers: ["gitlab"] }}
    >
      <header className="flex justify-end p-4">
        <UserButton size="icon" />
      </header>
      <main className="mx-auto flex max-w-3xl flex-col items-center gap-4 p-4">{children}</main>
      <Toaster />
    </AuthUIProvider>
  );
}

function Auth() {
  const { view } = useParams();
  return <AuthView path={view} />;
}

function Account() {
  const { view } = useParams();
  return (
    <>
      <RedirectToSignIn />
      <SignedIn>
        <AccountView path={view} />
      </SignedIn>
    </>
  );
}

createRoot(document.getElementById("root")).render(
  <BrowserRouter>
    <Providers>
      <Routes>
        <Route path={`${BASE}/auth/:view`} element={<Auth />} />
        <Route path={`${BASE}/account/:view`} element={<Account />} />
      </Routes>
    </Providers>
  </BrowserRouter>,
);
