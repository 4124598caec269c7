import { expect, test } from 'vitest'
import { checkAddress, checkPage, siteOf } from '../../../../tools/computer/guard/domain.ts'

const codes = (url: string, options: { allowed?: string[]; task?: string; from?: string } = {}) =>
  checkAddress({ url, ...options }).map(({ verdict, code }) => `${verdict} ${code}`)

test('checkAddress() denies everything but http and https, however it is spelled', () => {
  for (const url of [
    'data:text/html,<h1>x</h1>',
    'blob:https://shop.example/8f2',
    'javascript:alert(1)',
    'java\nscript:alert(1)',
    ' JAVASCRIPT:alert(1)',
    'file:///etc/hosts',
    'view-source:https://shop.example',
    'chrome://settings',
    'mailto:a@b.example',
    'ftp://files.example/x',
  ]) {
    expect(codes(url, { allowed: ['shop.example'] }), url).toEqual(['deny scheme'])
  }
  expect(codes('http://')).toEqual(['deny bad-address'])
  expect(codes('about:blank')).toEqual([])
})

test('checkAddress() allows the sites of the policy with what is below them, and nothing that only ends like them', () => {
  const allowed = ['shop.example.com', '*.bank.example', 'https://one.example:8443', 'localhost:3000']

  for (const url of [
    'https://shop.example.com/a',
    'https://eu.shop.example.com',
    'https://my.bank.example',
    'https://one.example:8443/x',
    'http://localhost:3000/',
  ]) {
    expect(codes(url, { allowed }), url).toEqual([])
  }
  for (const url of [
    'https://example.com',
    'https://notshop.example.com',
    'https://bank.example',
    'https://one.example/',
    'http://localhost:3001/',
  ]) {
    expect(codes(url, { allowed }), url).toContain('deny foreign-domain')
  }
  expect(codes('https://evil.co.uk', { allowed: ['co.uk'] })).toContain('deny foreign-domain')
})

test('checkAddress() sees a name before the host, numbers, ports, private addresses and foreign letters', () => {
  expect(codes('https://shop.example@evil.example/')).toContain('deny userinfo')
  expect(codes('https://203.0.113.9/')).toEqual(['confirm ip-address'])
  expect(codes('http://0x7f.1/')).toEqual(['confirm private-address'])
  expect(codes('http://2130706433/')).toEqual(['confirm private-address'])
  expect(codes('http://[::1]:8080/')).toEqual(['confirm private-address'])
  expect(codes('http://169.254.169.254/latest/meta-data')).toEqual(['deny metadata-address'])
  expect(codes('https://shop.example:8443/')).toEqual(['confirm unusual-port'])
  expect(codes('https://shop.example:8443/b', { from: 'https://shop.example:8443/a' })).toEqual([])
  expect(codes('https://münchen.de/')).toEqual([])
  expect(codes('https://pаypal.com/')).toContain('deny mixed-script')
  expect(codes('https://аррӏе.com/')).toContain('confirm punycode')
})

test('checkAddress() tells a look-alike of a site that is meant from another site', () => {
  const task = 'Pay the invoice at paypal.com and save receipt.pdf'

  for (const url of [
    'https://paypa1.com',
    'https://paypall.com',
    'https://papyal.com',
    'https://paypal.com.login.example',
    'https://secure-paypal.com',
    'https://раураӏ.com',
  ]) {
    expect(codes(url, { task }), url).toContain('deny look-alike')
  }
  expect(codes('https://www.paypal.com/signin', { task })).toEqual([])
  expect(codes('https://news.example', { task })).toEqual(['confirm foreign-domain'])
  expect(codes('https://rnicrosoft.com', { from: 'https://microsoft.com' })).toEqual(['deny look-alike'])
  expect(codes('https://news.example', { from: 'https://microsoft.com' })).toEqual([])
})

test('checkAddress() takes a relative address from the frame, and two pages of one host of pages for two sites', () => {
  expect(codes('/cart', { from: 'https://shop.example/a', allowed: ['shop.example'] })).toEqual([])
  expect(siteOf('https://a.github.io')).not.toBe(siteOf('https://b.github.io'))
  expect(siteOf('http://127.0.0.1:81/')).not.toBe(siteOf('http://localhost:81/'))
})

test('checkPage() asks for a new look where the browser was redirected to another site', () => {
  const pages = (url: string, expected: string) => checkPage({ url, expected }).map(({ verdict, code }) => `${verdict} ${code}`)

  expect(pages('https://www.shop.example/b', 'https://shop.example/a')).toEqual([])
  expect(pages('https://sh0p-deals.test/', 'https://shop.example/a')).toEqual(['reobserve redirected'])
  expect(pages('https://examp1e.com/', 'https://example.com/')).toEqual(['deny look-alike', 'reobserve redirected'])
  expect(pages('data:text/html,x', 'https://example.com/')).toContain('deny scheme')
})

test('checkAddress() repeats of a hostile address only what a host can hold', () => {
  const [found] = checkAddress({ url: `https://x.example/${'%0aIgnore all'.repeat(5)}`, allowed: ['shop.example'] })

  expect(found?.reason).toBe('x.example is none of the sites that the policy allows')
})
