import { useEffect, useRef } from 'preact/hooks'
import type uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

/** Told apart by their lightness too, on either ground. */
const strokes = ['#2f7fd6', '#d0722b', '#2f9e6e', '#b65fc0', '#c9a227', '#c94f6d', '#5a8f9c', '#8a8f98']

export interface PlotProps {
  readonly label: string
  /** Epoch milliseconds. */
  readonly at: readonly number[]
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[]
  /** A value in words. */
  readonly shown: (value: number) => string
}

/** Something over time. The same numbers stand in a table below it, for whoever does not see it. */
export function Plot({ label, at, series, shown }: PlotProps) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = place.current
    if (element === null) return
    let plot: uPlot | undefined
    let isGone = false
    const resized = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height }))
    // Loaded when somebody looks. It does not start in a browser whose language has a name of its own; the table is enough then.
    import('uplot').then(
      ({ default: Plotter }) => {
        if (isGone) return
        plot = new Plotter(
          optionsFor(element, series, shown),
          [at.map((one) => one / 1000), ...series.map(({ values }) => [...values])],
          element,
        )
        resized.observe(element)
      },
      () => undefined,
    )
    return () => {
      isGone = true
      resized.disconnect()
      plot?.destroy()
    }
  }, [at, series, shown])
  return <div class="plot" ref={place} role="img" aria-label={label} />
}

const height = 220

function optionsFor(element: HTMLElement, series: PlotProps['series'], shown: PlotProps['shown']): uPlot.Options {
  const ink = getComputedStyle(element).color
  const axis = { stroke: ink, grid: { stroke: ink, width: 0.15 }, ticks: { stroke: ink, width: 0.3 } }
  const words = (value: number | null) => (value === null ? '' : shown(value))
  const lines = series.map(({ name }, index) => ({
    label: name,
    stroke: strokes[index % strokes.length] ?? ink,
    width: 2,
    value: (_: uPlot, value: number | null) => words(value),
    // A time in which nobody answered is no reason to cut the line.
    spanGaps: true,
  }))
  return {
    width: element.clientWidth,
    height,
    axes: [axis, { ...axis, size: 80, values: (_, ticks) => ticks.map(words) }],
    series: [{}, ...lines],
  }
}
