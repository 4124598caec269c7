import type { FrameDetail, FramePage } from '../../src/console/wire.ts'
import { get } from '../api.ts'
import { caller, plural, time, visible } from '../format.ts'
import { Card, Facts, Pending, Quoted, Table, Tag } from '../parts.tsx'
import { linkTo } from '../route.ts'
import { useLoaded } from '../use.ts'

export function FramesView({ id }: { id: string | undefined }) {
  return id === undefined ? <All /> : <One id={id} key={id} />
}

function All() {
  const loaded = useLoaded('frames', (signal) => get<FramePage>('frames', signal))
  return (
    <Pending loaded={loaded}>
      {({ frames, next_cursor: more }) =>
        frames.length === 0 ? (
          <p class="empty">
            No screenshot is kept. They come with <code>next_action</code>, <code>check_action</code> and hosted browsers, and stay a week.
          </p>
        ) : (
          <>
            <Table label="Screenshots, the newest first" head={['Taken', 'Page', 'Size', 'Caller']}>
              {frames.map((frame) => (
                <tr key={frame.id}>
                  <td class="nowrap">
                    <a href={linkTo('frames', frame.id)}>{time(frame.at)}</a>
                  </td>
                  <td class="words">{visible(frame.url ?? frame.window ?? 'not said')}</td>
                  <td class="number">
                    {frame.width} × {frame.height}
                  </td>
                  <td>{caller(frame.principal)}</td>
                </tr>
              ))}
            </Table>
            {more === null ? null : <p class="quiet">The newest {frames.length} are shown.</p>}
          </>
        )
      }
    </Pending>
  )
}

function One({ id }: { id: string }) {
  const loaded = useLoaded(`frame ${id}`, (signal) => get<FrameDetail>(`frames/${encodeURIComponent(id)}`, signal))
  return (
    <>
      <p>
        <a href={linkTo('frames')}>← All screenshots</a>
      </p>
      <Pending loaded={loaded}>{(frame) => <Frame frame={frame} />}</Pending>
    </>
  )
}

function Frame({ frame }: { frame: FrameDetail }) {
  return (
    <>
      <Card title="What the model saw" id="picture">
        <Picture frame={frame} />
        {frame.unread === null ? null : <p class="failed">It was not searched for secrets: {frame.unread}.</p>}
        <p class="quiet">
          Thin boxes: {plural(frame.text.length, 'text')} that {frame.text.length === 1 ? 'was' : 'were'} read. Masked: {maskedWords(frame)}
          .
        </p>
        <Facts
          of={[
            ['Taken', time(frame.at)],
            ['Page', visible(frame.url ?? frame.window ?? 'not said')],
            ['Size', `${frame.width} × ${frame.height}`],
            ['Caller', frame.principal],
          ]}
        />
      </Card>
      <Card title="What was to be done" id="actions" aside={<span class="quiet">{frame.model}</span>}>
        {frame.goal === null ? (
          <p class="quiet">
            {frame.actions.length === 0
              ? 'No model proposed anything on this screen, and nothing was checked on it.'
              : 'An agent asked whether it may do this.'}
          </p>
        ) : (
          <Quoted label="The goal" text={visible(frame.goal)} />
        )}
        <ol class="attempts">
          {frame.actions.map((action, place) => (
            <li key={`${place} ${action.words}`}>
              <p>
                <strong>
                  {place + 1}. {action.type}
                </strong>{' '}
                {action.verdict === null ? null : (
                  <Tag kind={action.verdict === 'allow' ? 'good' : action.verdict === 'deny' ? 'bad' : 'warn'}>{action.verdict}</Tag>
                )}
                {action.asked_by === 'check_action' ? <span class="quiet">checked</span> : null}{' '}
                {action.approved ? <Tag>a person accepted it</Tag> : null}
                {action.result === null ? null : <Tag kind={action.result === 'done' ? 'good' : 'bad'}>{visible(action.result)}</Tag>}
              </p>
              <code>{visible(action.words)}</code>
              {action.reasons.map((reason) => (
                <p class="quiet" key={reason}>
                  {visible(reason)}
                </p>
              ))}
            </li>
          ))}
        </ol>
      </Card>
    </>
  )
}

function maskedWords({ masked }: FrameDetail): string {
  return masked.length === 0 ? 'nothing' : masked.map(({ kind }) => kind).join(', ')
}

/** The screenshot with what was found on it; all that is drawn stands below in words as well. */
function Picture({ frame }: { frame: FrameDetail }) {
  const { width, height, text, masked, actions } = frame
  const unit = Math.max(width, height) / 100
  const points = actions.flatMap(({ points: own }, action) => own.map((point) => ({ ...point, action: action + 1 })))
  return (
    <div class="picture">
      <img
        src={`/console/api/frames/${encodeURIComponent(frame.id)}/image`}
        width={width}
        height={height}
        alt="The screenshot, without what is secret on it"
      />
      <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        {text.map((box, place) => (
          <rect
            key={`text ${place}`}
            class="box-text"
            x={box.left}
            y={box.top}
            width={box.right - box.left}
            height={box.bottom - box.top}
          />
        ))}
        {masked.map((box, place) => (
          <rect
            key={`mask ${place}`}
            class="box-mask"
            x={box.left}
            y={box.top}
            width={box.right - box.left}
            height={box.bottom - box.top}
          />
        ))}
        {points.map(({ x, y, action }, place) => (
          <g key={`point ${place}`} class="click">
            <circle cx={x} cy={y} r={unit * 1.6} />
            <text x={x} y={y} font-size={unit * 1.8} text-anchor="middle" dominant-baseline="central">
              {action}
            </text>
          </g>
        ))}
      </svg>
    </div>
  )
}
