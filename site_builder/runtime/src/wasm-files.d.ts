/** The bundler's base64 loader turns a binary into text. */
declare module "*.wasm" {
  const base64: string;
  export default base64;
}
