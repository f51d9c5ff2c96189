import { render } from "preact";
import { Page } from "./page";
import "./style.css";

const root = document.getElementById("page");
if (root) {
  render(<Page />, root);
}
