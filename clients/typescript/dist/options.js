// Where the server is, and how it is reached: from options, else from the environment.
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
/** optionsFrom are the options that environment variables give. */
export function optionsFrom(environ) {
    const options = {};
    const text = (variable, set) => {
        const value = environ[variable];
        if (value) {
            set(value);
        }
    };
    text("ZHAOHUO_GRPC_ADDR", (value) => {
        options.address = dialable("ZHAOHUO_GRPC_ADDR", value);
    });
    text("ZHAOHUO_API_KEY", (value) => {
        options.key = plainKey("ZHAOHUO_API_KEY", value);
    });
    text("ZHAOHUO_TLS", (value) => {
        options.tls = truth("ZHAOHUO_TLS", value);
    });
    text("ZHAOHUO_CA", (value) => {
        options.ca = value;
    });
    text("ZHAOHUO_CERT", (value) => {
        options.cert = value;
    });
    text("ZHAOHUO_CERT_KEY", (value) => {
        options.certKey = value;
    });
    return options;
}
/** reach reads what options name. */
export function reach(options) {
    const { ca, cert, certKey } = options;
    if ((cert === undefined) !== (certKey === undefined)) {
        throw new TypeError("cert and certKey belong together");
    }
    const named = ca !== undefined || cert !== undefined;
    if (named && options.tls === false) {
        throw new TypeError("ca and cert mean TLS, but tls is false");
    }
    return {
        address: dialable("address", options.address ?? ""),
        key: plainKey("key", options.key ?? ""),
        tls: named || options.tls
            ? {
                ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
                ...(cert === undefined || certKey === undefined
                    ? {}
                    : { cert: readFileSync(cert), key: readFileSync(certKey) }),
            }
            : undefined,
    };
}
/** dialable is an address with a port and one host. `origin` is who named it. */
function dialable(origin, address) {
    if (address.includes("://")) {
        throw new TypeError(`${origin}: ${address} is a web address: give HOST:PORT of the server's gRPC port`);
    }
    const parts = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/.exec(address);
    const host = parts ? (parts[1] ?? parts[2] ?? "") : address;
    const port = parts?.[3] || "9090";
    if (!parts && isIP(address) !== 6) {
        throw new TypeError(`${origin}: ${address} is not an address: give HOST:PORT, such as 127.0.0.1:9090`);
    }
    if (Number(port) === 0 || Number(port) > 65535) {
        throw new TypeError(`${origin}: ${port} is not a port that can be asked`);
    }
    // An address of all interfaces can be listened on, but not asked.
    if (host === "" || host === "0.0.0.0" || host === "::") {
        return `127.0.0.1:${port}`;
    }
    return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
function plainKey(origin, key) {
    if (!/^[!-~]*$/.test(key)) {
        throw new TypeError(`${origin}: contains characters that an API key never has: white space, control or non-ASCII characters`);
    }
    return key;
}
function truth(origin, text) {
    if (/^(1|true|on)$/i.test(text)) {
        return true;
    }
    if (/^(0|false|off)$/i.test(text)) {
        return false;
    }
    throw new TypeError(`${origin}: "${text}" is neither true nor false: give 1 or 0`);
}
