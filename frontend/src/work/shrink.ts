/** A phone's 12-megapixel photo, made small enough for a bad network, upright. */

const LONGEST = 1600;
const QUALITY = 0.82;

export async function shrink(file: Blob): Promise<Blob> {
  if (!file.type.startsWith("image/")) return file;
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file; // the server says what is wrong with it
  }
  const factor = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * factor);
  canvas.height = Math.round(picture.height * factor);
  const context = canvas.getContext("2d");
  if (!context) return file;
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const small = await new Promise<Blob | null>((done) => {
    canvas.toBlob(done, "image/jpeg", QUALITY);
  });
  // Always the new one: an original carries its own position and more.
  return small ?? file;
}
