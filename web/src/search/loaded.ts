// The goods of all pages of the present search that were looked at.
import { signal } from "@preact/signals";
import type { Product } from "../api/client";

export const loaded = signal<Product[]>([]);
