import { accessSync, constants } from 'node:fs';

/** Throws the error of the operating system unless files can be made in `folder`, and `file`, if given, be written. */
export function assertWritable(folder: string, file?: string): void {
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  if (file !== undefined) accessSync(file, constants.R_OK | constants.W_OK);
}
